"""`kctopt explain prices`: what one more unit of every rule is worth."""

from __future__ import annotations

from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.analysis import once
from kctopt.cli.explained import explains
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, print_text, progress, say


@click.command(cls=Command)
@click.option(
    "--check", is_flag=True, help="Solve again on both sides of every rule and print the differences beside the prices."
)
@explains
def prices(out: OutputOptions, run: Path, fresh: bool, check: bool) -> None:
    """What one more unit of every rule of RUN is worth: shadow prices by the rules' names.

    Budgets, floors, caps, targets, exposure limits, exchange shares, ramps. With --check, ends with 1 if a price is
    not what solving again finds.
    """
    from kctopt.analysis.prices import prices as prices_of
    from kctopt.analysis.prices_text import told
    from kctopt.api import open as open_run

    result = open_run(run)
    with progress(f"pricing {result.scenario.name}"):
        analysis = once(run, "prices", {"check": check}, fresh, lambda: prices_of(result, check=check))
    if out.json:
        out.print_json(analysis.record())
    else:
        print_text(told(analysis, result.scenario, out.lang))
    wrong = [row["named"] for table in analysis.tables.values() for row in table.records if row["verdict"] == "differs"]
    if wrong:
        say(f"{len(wrong)} prices are not what solving again finds, such as that of {wrong[0]}")
        raise Exit(1)
