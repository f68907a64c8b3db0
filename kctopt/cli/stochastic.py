"""`kctopt stochastic`: two plans under a tree of states."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import Number, OutputOptions, Place, answered, common, kept, progress, say
from kctopt.cli.solve import command_line

KINDS = ("expected", "cvar", "worst", "expected_regret", "worst_regret")


@click.command(cls=Command)
@click.argument("tree", metavar="TREE", shell_complete=offering("tree"))
@click.option(
    "--measure", type=click.Choice(KINDS), default="expected", show_default=True, help="What is optimised over states."
)
@click.option(
    "--confidence", type=Number(min=0, max=1, max_open=True), default=0.95, show_default=True,
    help="Of CVaR: the share of probability outside its tail.",
)  # fmt: skip
@click.option(
    "--weight", type=Number(min=0, max=1), default=1.0, show_default=True,
    help="Of CVaR, the rest being the expected value.",
)  # fmt: skip
@click.option(
    "--probabilities", is_flag=True,
    help="Also turn the probability of every state from 0 to 1: where the order of money in the first plan switches.",
)  # fmt: skip
@click.option(
    "--prices", is_flag=True, help="Also tell what money of the first plan would be worth in each course alone."
)
@click.option(
    "--waiting", is_flag=True, help="Also tell what deciding a domain's money only when the course is known is worth."
)
@click.option(
    "-o", "--output", type=Place(file_okay=False, path_type=Path), metavar="DIR",
    help="Save in this folder; nothing is saved by default.",
)  # fmt: skip
@click.option("--gap", type=Number(min=0), default=1e-4, show_default=True, help="Relative gap of each solve.")
@click.option("--time-limit", type=Number(min=0, min_open=True), metavar="SECONDS", help="For each solve.")
@common
def stochastic(
    out: OutputOptions, tree: str, measure: Any, confidence: float, weight: float, probabilities: bool,
    prices: bool, waiting: bool, output: Path | None, gap: float, time_limit: float | None,
) -> None:  # fmt: skip
    """Decide the first plan before the state of the world is known, the second one when it is.

    TREE is a bundled tree or a .yaml file with states, their probabilities and what each changes from its branch on.
    Prints what the plan is worth with its proven bound, what knowing (EVPI), planning for all states (VSS) and
    deciding later (value of recourse) are worth, and the money of both plans. Ends as `kctopt solve` does.
    """
    from kctopt.disk import ready
    from kctopt.recourse.decide import decide
    from kctopt.recourse.load import load_tree
    from kctopt.recourse.measures import Measure

    read, how = load_tree(tree, out.lang), Measure(measure, confidence, weight)
    asked = {"probabilities": probabilities, "prices": prices, "waiting": waiting}
    also = tuple(name for name, wanted in asked.items() if wanted)
    for note in read.notes:
        say(note)
    if output is not None:
        ready(output)
    with progress(f"deciding {read.name}"):
        done = decide(read, how, gap=gap, time_limit=time_limit, also=also, command=command_line())
    place = None if output is None else done.save(output)
    kept(place)
    answered(out, done.data, done.summary, place)
    raise Exit(done.exit_code)
