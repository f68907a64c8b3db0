"""`kctopt simulate`: a plan held fixed while uncertain numbers are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click

from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, Place, common, progress
from kctopt.errors import UsageError


@click.command(cls=Command)
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--study", metavar="FILE", help="Study file that says what is uncertain and how it is drawn.")
@click.option("--draws", metavar="FILE", help="CSV file with one column a path of the scenario and one row a draw.")
@click.option(
    "--scenario", metavar="NAME", help="Scenario whose numbers are drawn, in place of the study's or the run's."
)
@click.option("--keep", metavar="OUTCOME,…", default="", help="Outcomes of lines or domains kept of every draw.")
@click.option(
    "-o", "--output", type=Place(path_type=Path), help="Save members and quantiles as CSV in this new folder."
)
@common
def simulate(
    out: OutputOptions, run: Path, study: str | None, draws: str | None, scenario: str | None, keep: str,
    output: Path | None,
) -> None:  # fmt: skip
    """Hold the plan of a run fixed and run the exact laws in many draws of uncertain numbers.

    It reports how often the plan keeps every rule, the quantiles of its outcomes, the rules it breaks and where draws
    are refused. With -o members.csv has one row a draw (inputs, status, outcomes) and quantiles.csv one a line, domain,
    index and year. Ends with 0 whatever the plan is worth.
    """
    from kctopt.api import simulate as simulate_plan
    from kctopt.disk import ready, write_folder

    if (study is None) == (draws is None):
        raise UsageError("say what is drawn: --study FILE, or --draws FILE, one of the two")
    if output is not None:
        ready(output)
    asked = [name.strip() for name in keep.split(",") if name.strip()]
    with progress(f"simulating {run}"):
        ensemble = simulate_plan(run, scenario, draws=study if draws is None else _table(draws), outcomes=asked)
    place = None if output is None else write_folder(output, ensemble.write)
    saved: dict[str, Any] = {} if place is None else {"output": str(place)}
    if out.json:
        out.print_json(ensemble.data() | saved)
        return
    click.echo(ensemble.summary(out.lang))
    if place is not None:
        click.echo("\n" + "\n".join(str(path) for path in sorted(place.iterdir())))


def _table(file: str) -> Any:
    """Draws of a CSV file."""
    import pandas as pd

    try:
        return pd.read_csv(file)
    except (OSError, ValueError) as error:
        raise UsageError(f"--draws {file}: {error}") from None
