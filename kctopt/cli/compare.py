"""`kctopt compare`: one run against others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.compare_studies import are_studies, compare_studies
from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, common, print_text, progress, say
from kctopt.cli.runs import run_or_question, settled
from kctopt.cli.several import with_variants
from kctopt.cli.solve import SolveOptions
from kctopt.disk import RUNS, or_kept, ready, write_text
from kctopt.errors import Infeasible, KctoptError, NoPlan, ScenarioErrors, UsageError, WriteError
from kctopt.extras import need

if TYPE_CHECKING:
    from kctopt.api.comparison import Comparison
    from kctopt.api.result import Result
    from kctopt.comparison.attribution import Attribution
    from kctopt.comparison.conditions import Failure

GATE = 8  # exit code where a condition of --fail-on came true
FORMATS = ("table", "json", "csv", "md", "xlsx", "html")
SUFFIXES = {
    ".json": "json",
    ".csv": "csv",
    ".md": "md",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".txt": "table",
}


@click.command(cls=Command)
@click.argument("base", metavar="BASE", shell_complete=offering("run", "scenario", "sweep"))
@click.argument("others", nargs=-1, metavar="OTHER…", shell_complete=offering("run", "scenario", "sweep"))
@click.option(
    "--attribution", is_flag=True, help="Work out what each changed input explains; solves scenarios in between."
)
@click.option("--format", "form", type=click.Choice(FORMATS), help="How to print.  [default: table, or as OUTPUT ends]")
@click.option(
    "-o", "--output", type=Place(path_type=Path), metavar="FILE|DIR",
    help="Write there instead of stdout; csv to a name without suffix becomes a folder with one file a table.",
)  # fmt: skip
@click.option(
    "--fail-on", "gates", multiple=True, metavar="CONDITION",
    help="End with 8 where a change meets this, such as 'NS<-1%' or 'money[quantum]>20'; can be given again.",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Gap of what must be solved.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each scenario to solve.")
@common
def compare(
    out: OutputOptions, base: str, others: tuple[str, ...], attribution: bool, form: str | None, output: Path | None,
    gates: tuple[str, ...], gap: float, time_limit: float | None,
) -> None:  # fmt: skip
    """Compare runs: inputs, results, limits, regret, and what explains the change.

    BASE and OTHER are run folders, of which nothing but the folder is read, or scenarios, which are solved first.
    Changes are OTHER less BASE. Two files of studies (FILE.duckdb) are compared by the quantiles of their members.

    A workbook with variants stands for its base and all of them: `kctopt compare FILE.xlsx`.
    """
    from kctopt.comparison.conditions import failures, parsed

    form = chosen_format(out, form, output)
    conditions = [parsed(text) for text in gates]
    need([f"compare {form}"])
    if output is not None:
        ready(output, folder=form == "csv" and not output.suffix)
    options = SolveOptions(RUNS, gap, time_limit, {}, reuse=True)
    sources = with_variants((base, *others))
    if len(sources) < 2:
        raise click.UsageError(f"nothing to compare {base} with: name a second run or scenario")
    if are_studies(sources):
        refused = [name for name, there in (("--attribution", attribution), ("--fail-on", gates)) if there]
        compare_studies(out, sources, form, output, refused)
        return
    sides = [run_or_question(source, options) for source in sources]  # all are read before the first is solved
    results = [settled(source, side, options) for source, side in zip(sources, sides, strict=True)]
    explain = Explainer(gap, time_limit) if attribution else None
    comparison = compared(results, explain)
    failed = failures(comparison, conditions)
    deliver(comparison, form, output, out, failed)
    raise Exit(told(comparison, failed, explain, out))


def chosen_format(out: OutputOptions, form: str | None, output: Path | None) -> str:
    """The format asked for, by `--json`, by name or by the file's ending."""
    asked = "json" if out.json and form is None else form
    if out.json and asked != "json":
        raise click.UsageError(f"--json and --format {form} contradict each other")
    by_name = SUFFIXES.get(output.suffix.lower(), "") if output is not None else ""
    chosen = asked or by_name or "table"
    if chosen == "xlsx" and output is None:
        raise click.UsageError("--format xlsx needs -o FILE.xlsx")
    return chosen


class Explainer:
    """Attribution of one pair after another; what fails is told and leaves the rest of the comparison whole."""

    def __init__(self, gap: float, time_limit: float | None) -> None:
        self.gap, self.time_limit = gap, time_limit
        self.errors: list[KctoptError] = []

    def __call__(self, base: Result, other: Result) -> Attribution | None:
        """What explains the change from `base` to `other`, kept beside OTHER's run."""
        from kctopt.comparison.attribution import attribute

        name = other.scenario.name
        folder = None if other.run_dir is None else other.run_dir / "compare"
        try:
            if folder is not None:
                ready(folder / "value.json", folder=False)
        except WriteError as error:
            say(f"{error}. What is solved for {name} is not kept")
            folder = None
        with progress(f"what explains {name}"):
            try:
                return attribute(base, other, folder=folder, gap=self.gap, time_limit=self.time_limit, log=say)
            except (Infeasible, NoPlan, ScenarioErrors, UsageError) as error:
                self.errors.append(error)
                say(f"{name}: no attribution: {error}")
                return None
            except KeyboardInterrupt:
                if folder is not None:
                    say(f"interrupted; the same command goes on from what is in {folder}")
                raise


def compared(results: list[Result], explain: Callable[[Result, Result], Attribution | None] | None) -> Comparison:
    """The comparison, with progress."""
    from kctopt.api.comparison import compare as compare_results

    if explain is not None:
        return compare_results(*results, attribution=explain)
    with progress("comparing"):
        return compare_results(*results)


def deliver(comparison: Comparison, form: str, output: Path | None, out: OutputOptions, failed: list[Failure]) -> None:
    """Print or write the comparison."""
    from kctopt.comparison.files import one_csv, write_csvs, write_excel

    if form == "xlsx":
        assert output is not None  # asked for above
        say(f"written: {or_kept(output, lambda at: write_excel(comparison, at, out.written))}")
        return
    if form == "csv" and output is not None and not output.suffix:
        say(f"written: {or_kept(output, lambda at: write_csvs(comparison, at))}")
        return
    lang = out.lang if output is None else out.written
    if form == "json" and output is None:
        out.print_json(data(comparison, failed))
        return
    match form:
        case "json":
            import json

            text = json.dumps(data(comparison, failed), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        case "csv":
            text = one_csv(comparison)
        case "md":
            text = comparison.to_markdown(lang)
        case "html":
            text = comparison.to_html(lang)
        case _:
            text = comparison.summary(lang)
    if output is None:
        print_text(text)
    else:
        say(f"written: {or_kept(output, lambda at: write_text(at, text))}")


def data(comparison: Comparison, failed: list[Failure]) -> dict[str, Any]:
    """What JSON prints: the comparison and the conditions that came true."""
    from kctopt.comparison.comparison import plain

    return comparison.to_dict() | {"failed": plain(failed)}


def told(comparison: Comparison, failed: list[Failure], explain: Explainer | None, out: OutputOptions) -> int:
    """What stderr says at the end, and the exit code: 8 a condition came true, 2 not comparable, else 0."""
    from kctopt.comparison.sections import refusal_texts

    for failure in failed:
        change = f"{failure.change:+.4g}" + (" %" if failure.percent else "")
        gap = " (within the gap)" if failure.within_gap else ""
        say(f"--fail-on {failure.condition}: came true for {failure.run}, {change}{gap}")
    for text in refusal_texts(comparison, out.lang):
        say(text)
    if failed:
        return GATE
    if not comparison.comparable:
        return UsageError.exit_code
    return explain.errors[0].exit_code if explain is not None and explain.errors else 0
