"""`kctopt diagnose`: which rules keep a scenario from having a plan, and how far each would have to be relaxed."""

from __future__ import annotations

from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, answered, common, kept, progress, say
from kctopt.cli.said import message
from kctopt.cli.scenario import parse_changes
from kctopt.cli.signals import held
from kctopt.disk import ready
from kctopt.errors import WriteError


@click.command(cls=Command)
@click.argument("scenario", metavar="SCENARIO", shell_complete=offering("scenario"))
@click.option(
    "-o", "--output", type=Place(file_okay=False, path_type=Path),
    help="Save diagnosis.json, conflicts.csv and scenario.yaml in this new folder.",
)  # fmt: skip
@click.option(
    "--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", default=60.0, show_default=True,
    help="Stop after this; what is proven by then is told.",
)  # fmt: skip
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value, as `set:` in a file does.")
@common
def diagnose(
    out: OutputOptions, scenario: str, output: Path | None, time_limit: float, changes: tuple[str, ...]
) -> None:
    """Say why a scenario has no plan.

    Names the smallest sets of rules that conflict, with file and line, and how far each would have to be relaxed. Ends
    with 0 where the scenario has a plan, 4 where it has none, 6 where that is not known in time.
    """
    from kctopt import api

    if output is not None:
        ready(output)
    with progress(f"diagnosing {scenario}"):
        question = api.read(scenario, parse_changes(changes))
        for note in question.notes:
            say(note)
        try:
            diagnosis = api.diagnose_question(
                question, time_limit, None if output is None else output.absolute().parent
            )
        except KeyboardInterrupt:
            if output is not None:
                say(f"interrupted; the same command goes on from what is in {output.absolute().parent}")
            raise
    code, place = diagnosis.exit_code, None
    with held():
        try:
            place = diagnosis.save(output) if output is not None else None
        except WriteError as error:
            say(message(error, out.lang))
            code, place = error.exit_code, error.kept
        kept(place)
    folder = {"folder": None if place is None else str(place)}
    answered(out, lambda: diagnosis.data() | folder, diagnosis.text, place)
    raise Exit(code)
