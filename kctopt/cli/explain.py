"""`kctopt explain`: why this plan. One module a question; the group only lists them."""

from __future__ import annotations

import rich_click as click

from kctopt.cli.explain_flips import flips
from kctopt.cli.explain_forms import forms
from kctopt.cli.explain_prices import prices
from kctopt.cli.explain_ranges import ranges
from kctopt.cli.helped import Group


@click.group(cls=Group)
def explain() -> None:
    """Why this plan: questions about a saved run that take more solves.

    What is found is saved inside the run's folder, under explain/, and shown again without solving.
    """


for command in (prices, ranges, flips, forms):
    explain.add_command(command)
