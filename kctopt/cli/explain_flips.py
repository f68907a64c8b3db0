"""`kctopt explain flips`: at which values of a parameter the plan changes in kind."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from kctopt.cli.analysis import once
from kctopt.cli.explained import explains
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, print_text, progress


@click.command(cls=Command)
@click.option("--over", required=True, metavar="PATH", help="The parameter: a number or a series, as for --set.")
@click.option("--from", "low", type=Number(), metavar="A", help="Lowest value.  [default: by the kind of number]")
@click.option("--to", "high", type=Number(), metavar="B", help="Highest value.")
@click.option(
    "--as", "way", type=click.Choice(["value", "factor", "shift"]),
    help="Turn it as a value, a factor on the run's numbers, or a shift of them.  "
    "[default: value; for several numbers a factor, for yearly rates a shift]",
)  # fmt: skip
@click.option("--tolerance", type=Number(min=0, min_open=True), help="Largest distance of the two values "
    "around a flip.  [default: a 32nd of the range]")  # fmt: skip
@click.option("--kind", "kinds", multiple=True,
    help="Only flips of this kind (stage, gap_band, mode, rule, …); may be repeated.")  # fmt: skip
@click.option("--gap", type=Number(min=0, min_open=True), default=1e-4, show_default=True,
    help="Relative gap of each solve.")  # fmt: skip
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each solve.")
@explains
def flips(out: OutputOptions, run: Path, fresh: bool, **options: object) -> None:
    """At which values of a parameter the plan of RUN changes in kind.

    Stages, cooperation modes, programmes, cells that get money, rules that bind, the order of domains and types.
    """
    from kctopt.analysis.flips import FlipsOptions
    from kctopt.analysis.flips import flips as flips_of
    from kctopt.analysis.flips_text import told
    from kctopt.api import open as open_run

    result = open_run(run)
    ask = FlipsOptions(**{**options, "kinds": tuple(options["kinds"])})  # type: ignore[arg-type]
    with progress(f"solving {result.scenario.name} over {ask.over}"):
        analysis = once(run, "flips", ask.options(), fresh, lambda: flips_of(
            result, run=run, fresh=fresh, **vars(ask)))  # fmt: skip
    if out.json:
        out.print_json(analysis.record())
    else:
        print_text(told(analysis, result.scenario, out.lang))
