"""`kctopt explain forms`: which conclusions survive other forms of the laws."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from kctopt.cli.analysis import once
from kctopt.cli.explained import explains
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, print_text, progress


@click.command(cls=Command)
@click.option("--all", "every", is_flag=True, help="All combinations of forms, not one at a time (about 80 solves).")
@click.option(
    "--kind", "kinds", multiple=True,
    help="Only conclusions of this kind (stage, gap_band, rule, …); may be repeated.",
)  # fmt: skip
@click.option(
    "--gap", type=Number(min=0, min_open=True), default=1e-4, show_default=True,
    help="Relative gap of each solve.",
)  # fmt: skip
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each solve.")
@explains
def forms(
    out: OutputOptions, run: Path, fresh: bool, every: bool, kinds: tuple[str, ...], gap: float,
    time_limit: float | None,
) -> None:  # fmt: skip
    """Which conclusions of RUN survive other forms of KCT value, national security and diffusion.

    The paper gives none of these forms: all are hypotheses, and a conclusion that changes with one is too.
    """
    from kctopt.analysis.forms import forms as forms_of
    from kctopt.analysis.forms import options_of
    from kctopt.analysis.forms_text import told
    from kctopt.api import open as open_run

    result = open_run(run)
    options = options_of(every, gap, time_limit, kinds)
    with progress(f"solving {result.scenario.name} under other forms"):
        analysis = once(run, "forms", options, fresh, lambda: forms_of(
            result, every=every, gap=gap, time_limit=time_limit, kinds=kinds, run=run, fresh=fresh,
        ))  # fmt: skip
    if out.json:
        out.print_json(analysis.record())
    else:
        print_text(told(analysis, result.scenario, out.lang))
