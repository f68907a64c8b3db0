"""Checks of the discrete options: stages, cooperation modes, least scale, tranches and bands.

Whether the money suffices is for the solver to prove; here are only data that contradict themselves.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from kctopt.scenario.options import MODES, Tranche
from kctopt.scenario.problem import Problem, Problems
from kctopt.scenario.record import above, apart
from kctopt.scenario.records import BandPolicy, Line, Record, Scenario

CLOSE = 1e-9  # how near to (1, 1) a response must pass


def stages_switch_between_three(scenario: Scenario) -> Problems:
    """Only the three-stage form has stages to switch between."""
    form = scenario.diffusion.form
    if scenario.stages == "switching" and form != "three_stage":
        message = f"switching is between the stages of diffusion.form three_stage, and the form is {form}"
        yield Problem(("stages",), message, "change one of the two", (("diffusion", "form"),))


def modes_are_complete(scenario: Scenario) -> Problems:
    """A choice of mode needs the effects of all three."""
    missing = [name for name in MODES if name not in {mode.id for mode in scenario.modes}]
    if scenario.cooperation.choice != "none" and missing:
        message = f"is {scenario.cooperation.choice}, but there is no mode {', '.join(missing)}"
        hint = f"give {', '.join(MODES)} in the model's modes.csv, or as a list under 'set: modes'"
        yield Problem(("cooperation", "choice"), message, hint, (("modes",),))


def least_scale(record: Record, _: Scenario) -> Problems:
    """A line whose least scale lies above its cap could only be off."""
    if isinstance(record, Line) and record.cap is not None and above(record.min_scale, record.cap):
        scale, cap = apart(record.min_scale, record.cap)
        message = f"min_scale {scale} lies above cap {cap}, so the line could only be off"
        yield Problem(("min_scale",), message, "lower one or raise the other", (("cap",),))


def band_lines(record: Record, _: Scenario) -> Problems:
    """A band holds at least two lines together."""
    if not isinstance(record, BandPolicy):
        return
    twice = [name for n, name in enumerate(record.lines) if name in record.lines[:n]]
    if twice:
        yield Problem(("lines",), f"line '{twice[0]}' is given twice", "name each line once")
    elif len(record.lines) < 2:
        yield Problem(("lines",), f"names {len(record.lines) or 'no'} line", "a band holds two lines or more together")


def tranches_rise(scenario: Scenario) -> Problems:
    """The tranches of a line and rung are in order, never worth less, and pass through (1, 1)."""
    curves: dict[tuple[str, str], list[tuple[int, Tranche]]] = {}
    for n, step in enumerate(scenario.tranches):
        curves.setdefault((step.line, step.rung), []).append((n, step))
    idle = [rung.id for rung in scenario.rungs if rung.spend_share == 0]
    known = [line.id for line in scenario.lines]
    for (line, rung), steps in curves.items():
        broken = list(_steps(steps))
        yield from broken
        if rung in idle:
            message = f"tranches of {line} are relative to base-year spend on rung {rung}, which is 0"
            hint = "take them out, or give the rung a spend_share"
            yield Problem(("tranches", steps[0][0], "rung"), message, hint)
        elif not broken and line in known:
            yield from _through_one(f"{line} {rung}", steps)


def _steps(steps: list[tuple[int, Tranche]]) -> Problems:
    for (_, before), (n, step) in pairwise(steps):
        if not above(step.upto, before.upto):
            message = f"{step.upto:g} does not lie above the tranche before it ({before.upto:g})"
            yield Problem(("tranches", n, "upto"), message, "put the tranches of a line and rung in order of upto")
        elif above(before.effect, step.effect):
            effect, earlier = apart(step.effect, before.effect)
            message = f"{effect} lies below the tranche before it ({earlier})"
            yield Problem(("tranches", n, "effect"), message, "more spend cannot be worth less")


def _through_one(name: str, steps: list[tuple[int, Tranche]]) -> Problems:
    upto, effect = [0.0, *(step.upto for _, step in steps)], [0.0, *(step.effect for _, step in steps)]
    at_one = float(np.interp(1.0, upto, effect))
    if abs(at_one - 1) > CLOSE:
        message = f"base-year spend on {name} is worth {at_one:g} of itself; yields are calibrated at 1"
        nearest = min(steps, key=lambda numbered_step: abs(numbered_step[1].upto - 1))[0]
        others = tuple(("tranches", n, field) for n, _ in steps for field in ("upto", "effect"))
        yield Problem(("tranches", nearest, "effect"), message, "give it a tranche with upto 1 and effect 1", others)


NOTHING: tuple[str, ...] = ()
ENTRY_CHECKS = (
    (NOTHING, least_scale),
    (NOTHING, band_lines),
)
CHECKS = (
    (("stages", "diffusion"), stages_switch_between_three),
    (("cooperation", "modes"), modes_are_complete),
    (("tranches", "lines", "rungs"), tranches_rise),
)
