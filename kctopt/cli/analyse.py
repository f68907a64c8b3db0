"""`kctopt analyse`: what a sweep says of inputs, ranks, worlds and plans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, holding, print_text, progress
from kctopt.errors import UsageError


@click.command(cls=Command)
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.duckdb")
@click.option(
    "--outcome", default="objective", show_default=True, metavar="NAME", help="What indices and boxes are of."
)
@click.option("--year", type=int, metavar="YEAR", help="Year of the outcome.  [default: the last]")
@click.option("--domain", metavar="NAME", help="Domain of the outcome, where it has one.")
@click.option("--scenario", metavar="NAME", help="One of the study's; all by default.")
@click.option("--method", metavar="NAME", help="Of the indices: sobol, morris, pawn, delta or rbd_fast.")
@click.option("--below", type=Number(), metavar="X", help="Find the worlds in which the outcome is below.")
@click.option("--above", type=Number(), metavar="X", help="Find the worlds in which the outcome is above.")
@click.option("--density", type=Number(min=0, max=1), metavar="SHARE", help="Least density of a box.")
@click.option("--by", default="domain", show_default=True, metavar="COLUMN,…", help="What is ranked.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True, help="How many are the top.")
@click.option("--plan", "plans", multiple=True, metavar="RUN", help="Judge this run too; may be repeated.")
@click.option(
    "--optima", type=click.IntRange(min=0), default=12, show_default=True, help="Members' optima held fixed, at most."
)
@click.option("--threshold", type=Number(), metavar="X", help="Objective that is enough, for the satisficing share.")
@click.option("--confidence", type=Number(min=0, max=1), default=0.95, show_default=True, help="Of the CVaR.")
@click.option("--percentile", type=Number(min=0, max=1), default=0.9, show_default=True, help="Of percentile regret.")
@click.option(
    "--optimism", type=Number(min=0, max=1), default=0.5, show_default=True, help="Of Hurwicz, from 0 (worst) to 1."
)
@holding
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the bootstrap.")
@click.option(
    "-o", "--output", type=Place(path_type=Path), metavar="FOLDER|FILE.xlsx",
    help="Write every table, and each box as scenario files.",
)  # fmt: skip
@common
def analyse(out: OutputOptions, file: Path, output: Path | None, by: str, **options: Any) -> None:
    """Ask a study's file which inputs matter, which ranks are firm, where plans fail, and which plan is robust.

    Without options: indices by the method that fits the sample, or why none does; ranks of domains over the members;
    regret and measures of robustness of the study's fixed plans and of members' optima, held in every draw. With
    --below or --above: boxes of the worlds in which an outcome fails. Ends with 0; with 2 where what an option asks for
    has no answer.
    """
    from kctopt.api import open as open_study
    from kctopt.disk import ready
    from kctopt.study.answers import Asked
    from kctopt.study.answers import analyse as ask

    if file.suffix != ".duckdb":
        raise UsageError(f"{file}: name the file of a sweep, FILE.duckdb; `kctopt sweep STUDY` makes one")
    book = output is not None and output.suffix.lower() == ".xlsx"
    if output is not None:
        ready(output, folder=not book)
    asked = Asked(by=tuple(name.strip() for name in by.split(",") if name.strip()), **options)
    with progress(f"analysing {file.name}"):
        found = ask(open_study(file), asked)
        written = [] if output is None else found.save(output)
    files = [str(path) for path in written]
    if out.json:
        out.print_json(found.data() | ({"files": files} if files else {}))
        return
    print_text(found.text(out.lang))
    if files:
        print_text("\n" + "\n".join(files))
