"""`kctopt explain ranges`: what every plan nearly as good as the best must fund, may fund, never funds."""

from __future__ import annotations

import os
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.analysis import once
from kctopt.cli.explained import explains
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, print_text, progress, say


@click.command(cls=Command)
@click.option(
    "--epsilon", type=Number(0, 1, min_open=True, max_open=True), default=0.01, show_default=True,
    help="How much less than the optimum a plan may be worth, as a share of the value of planning.",
)  # fmt: skip
@click.option(
    "--epsilon-of", type=click.Choice(["planning", "objective"]), default="planning", show_default=True,
    help="What epsilon is a share of.",
)  # fmt: skip
@click.option("--confirm", is_flag=True, help="Solve again with the money pinned just inside and outside every end.")
@click.option(
    "--alternatives", type=click.IntRange(min=0), default=3, show_default=True,
    help="How many plans to find that differ most from the run's.",
)  # fmt: skip
@click.option(
    "--workers", type=click.IntRange(min=1), default=None,
    help="Processes that share the work.  [default: as many as there are cores]",
)  # fmt: skip
@explains
def ranges(
    out: OutputOptions, run: Path, fresh: bool, epsilon: float, epsilon_of: str, confirm: bool, alternatives: int,
    workers: int | None,
) -> None:  # fmt: skip
    """How firm each allocation of RUN is: the least and most each domain, type and plan gets near the optimum.

    Lists what every plan within epsilon must fund, may fund and never funds, and finds plans that differ most. With
    --confirm, ends with 1 if an end is not confirmed.
    """
    from kctopt.analysis.ranges import RangesOptions
    from kctopt.analysis.ranges import ranges as ranges_of
    from kctopt.analysis.ranges_text import told
    from kctopt.api import open as open_run

    result, processes = open_run(run), workers or os.cpu_count() or 1
    ask = RangesOptions(epsilon, confirm, alternatives, epsilon_of)
    with progress(f"ranges of {result.scenario.name}"):
        analysis = once(run, "ranges", ask.options(), fresh, lambda: ranges_of(
            result, workers=processes, run=run, fresh=fresh, **ask.options()))  # fmt: skip
    if out.json:
        out.print_json(analysis.record())
    else:
        print_text(told(analysis, result.scenario, out.lang))
    sides = [f"{name}_{side}" for name in ("least", "most") for side in ("inside", "outside")]
    wrong = [row for row in analysis.tables["cells"].records if any(row[side] is False for side in sides)]
    if wrong:
        first = " ".join(str(wrong[0][name]) for name in ("domain", "type", "plan"))
        say(f"{len(wrong)} cells have an end that was not confirmed, such as {first}")
        raise Exit(1)
