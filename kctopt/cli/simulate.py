"""`kctopt simulate`: a plan held fixed while uncertain numbers are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, Place, common, holding, print_text, progress
from kctopt.cli.runs import run_folder
from kctopt.errors import UsageError

if TYPE_CHECKING:
    from kctopt.holding.in_draws import Hold
    from kctopt.study.ensemble import Ensemble


@click.command(cls=Command)
@click.argument("source", metavar="RUN|SCENARIO", shell_complete=offering("run", "scenario"))
@click.option(
    "--study",
    metavar="FILE",
    shell_complete=offering("study"),
    help="Study file that says what is uncertain and how it is drawn.",
)
@click.option(
    "--draws", metavar="FILE", help="CSV file or workbook with one column a path of the scenario and one row a draw."
)
@click.option(
    "--scenario", metavar="NAME", help="Scenario whose numbers are drawn, in place of the study's or the run's."
)
@click.option("--keep", metavar="OUTCOME,…", default="", help="Outcomes of lines or domains kept of every draw.")
@click.option(
    "-o", "--output", type=Place(path_type=Path), help="Save members and quantiles as CSV in this new folder."
)
@holding
@common
def simulate(
    out: OutputOptions, source: str, study: str | None, draws: str | None, scenario: str | None, keep: str,
    output: Path | None, hold: Hold,
) -> None:  # fmt: skip
    """Hold the plan of a run fixed and run the exact laws in many draws of uncertain numbers.

    The plan is held as shares of each draw's budget, adjusted to be feasible where that breaks a rule on money; with
    --hold amounts its money stays as planned. It reports how often the plan keeps every rule, the quantiles of its
    outcomes, the rules it breaks and where draws are refused. With -o
    members.csv has one row a draw (inputs, status, outcomes) and quantiles.csv one a line, domain, index and year. A
    study of several scenarios is told one after the other, each with a folder of its own. Ends with 0 whatever the plan
    is worth.
    """
    from kctopt.api import simulate as simulate_plan
    from kctopt.disk import ready
    from kctopt.study.fixed_plan import simulate_each
    from kctopt.study.listed import is_table
    from kctopt.study.load import load_study

    if (study is None) == (draws is None):
        raise UsageError("say what is drawn: --study FILE, or --draws FILE, one of the two")
    if draws is not None and not is_table(draws):
        raise UsageError(f"--draws {draws}: is no CSV file or workbook of draws; a study goes with --study")
    if output is not None:
        ready(output)
    asked = [name.strip() for name in keep.split(",") if name.strip()]
    run = run_folder(source)
    of = None if study is None else load_study(study, out.lang)
    with progress(f"simulating {run}"):
        if of is not None and scenario is None and len(of.scenarios) > 1:
            ensembles = simulate_each(run, of, outcomes=asked, hold=hold)
        else:
            one = simulate_plan(run, scenario, draws=draws if of is None else of, outcomes=asked, hold=hold)
            ensembles = {one.scenario.name: one}
    tell(out, list(ensembles.values()), output)


def tell(out: OutputOptions, ensembles: Sequence[Ensemble], output: Path | None) -> None:
    """Write what was asked for and print what came of each scenario."""
    from kctopt.disk import write_folder

    several = len(ensembles) > 1

    def fill(folder: Path) -> None:
        for one in ensembles:
            own = folder / one.scenario.name if several else folder
            own.mkdir(exist_ok=True)
            one.write(own)

    place = None if output is None else write_folder(output, fill)
    if out.json:
        data = {"schema_version": 1, "scenarios": [one.data() for one in ensembles]} if several else ensembles[0].data()
        out.print_json(data | ({} if place is None else {"output": str(place)}))
        return
    print_text("\n\n".join(one.summary(out.lang) for one in ensembles))
    if place is not None:
        print_text("\n" + "\n".join(str(path) for path in sorted(place.rglob("*.csv"))))
