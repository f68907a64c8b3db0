"""`kctopt pareto`: objectives against each other."""

from __future__ import annotations

from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, answered, common, kept, progress, spoken
from kctopt.cli.scenario import parse_changes
from kctopt.cli.several import tell
from kctopt.cli.solve import command_line


@click.command(cls=Command)
@click.argument("scenario", metavar="SCENARIO", shell_complete=offering("scenario"))
@click.option(
    "--objectives", required=True, metavar="A,B[,C]",
    help="Two or three of NS, EP, MP, KCT, spend, exposure; of discrete decisions two.",
)  # fmt: skip
@click.option(
    "--between", type=Number(min=0, max=1, min_open=True, max_open=True), default=0.01, show_default=True,
    help="Largest gap between neighbours that is left, a share of the ranges.",
)  # fmt: skip
@click.option("--solves", type=click.IntRange(min=4), default=60, show_default=True, help="Stop after so many solves.")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as `set:` in a file does.")
@click.option(
    "-o", "--output", type=Place(file_okay=False, path_type=Path), metavar="DIR",
    help="Save in this folder; nothing is saved by default.",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Relative gap of each solve.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each solve.")
@common
def pareto(
    out: OutputOptions, scenario: str, objectives: str, between: float, solves: int, changes: tuple[str, ...],
    output: Path | None, gap: float, time_limit: float | None,
) -> None:  # fmt: skip
    """Draw the front of objectives against each other, every point with a plan and a proof.

    SCENARIO is the name of one that comes with kctopt (`baseline`) or a file.

    Prints ranges, the points with their proven bounds, the knee, what no plan is better by, which rules bind along
    the front and what changes in kind along it. Ends as `kctopt solve` does.
    """
    from kctopt import api
    from kctopt.disk import ready
    from kctopt.fronts.goals import checked_names
    from kctopt.fronts.pareto import trace
    from kctopt.scenario.told import told

    names = checked_names(objectives)
    question = api.read(scenario, parse_changes(changes))
    tell(told(note, spoken()) for note in question.notes)
    if output is not None:
        ready(output)
    with progress(f"drawing the front of {question.scenario.name}"):
        front = trace(
            question.scenario, names, between=between, most=solves, gap=gap, time_limit=time_limit,
            command=command_line(), inputs=question.inputs,
        )  # fmt: skip
        place = None if output is None else front.save(output, out.written)
    kept(place)
    answered(out, front.data, front.summary, place)
    raise Exit(front.exit_code)
