"""Checks that need more than one field: sums, ranges, years, and rules that cannot hold together.

They run after the records are built, on whatever is whole: a check names the groups it needs and is left out
when one of them is faulty, so that no fault is reported twice in other words. All faults come at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kctopt.errors import suggest
from kctopt.scenario import check_options, check_programmes, check_rules
from kctopt.scenario.build import Builder
from kctopt.scenario.calibrate import calibrate
from kctopt.scenario.nodes import DEFAULT, Faults, Location, Node, Origin, at, show
from kctopt.scenario.problem import Problem, Problems
from kctopt.scenario.record import above, apart
from kctopt.scenario.records import RUNGS, TYPES, Diffusion, Line, Quadrant, Record, Rung, Scenario
from kctopt.scenario.references import check_references
from kctopt.scenario.spread import check_ranges

CLOSE = 1e-6  # how near to 1 a sum of shares must come
LEAST_SHARE = 1e-3  # of spend, that a yield can be calibrated by; below, optima were not proven
LOST = 1e-9  # of the mean base-year spend of a line, below which one is lost in round-off


def checked(root: Node, faults: Faults, latest: Sequence[str] = ()) -> Scenario:
    """The scenario of a tree. Raises ScenarioErrors with every fault found.

    `latest` are the files that changed it, the last first: a fault of several values is named where it was made.
    """
    builder = Builder(root, faults)
    groups = builder.groups()
    check_ranges(root, faults)
    return checked_groups(root, groups, builder.built, faults, latest)


def checked_groups(
    root: Node, groups: Mapping[str, Any], built: Mapping[Location, Record], faults: Faults, latest: Sequence[str] = ()
) -> Scenario:
    """The scenario of groups that were built of a tree, `built` all their records; as `checked`."""
    check_references(root, faults)
    partial = Scenario.model_construct(**groups)
    for needs, check_entry in ENTRY_CHECKS:
        for location, record in built.items() if set(needs) <= set(groups) else ():
            _note(check_entry(record, partial), location, root, faults, latest)
    for needs, check in GROUP_CHECKS:
        if set(needs) <= set(groups):
            _note(check(partial), (), root, faults, latest)
    spoilt = any(fault.path.startswith(YIELD_NEEDS) for fault in faults.by_place.values())
    if not spoilt and set(YIELD_NEEDS) <= set(groups):
        _note(_yields(partial), (), root, faults, latest)
    if faults:
        raise faults.errors()
    return Scenario.model_validate(groups)


def _note(problems: Problems, location: Location, root: Node, faults: Faults, latest: Sequence[str]) -> None:
    """Report problems; of several values that make one, the one that was set last is named."""
    order = {file: n for n, file in enumerate(latest)}
    for problem in problems:
        places = [(*location, *where) for where in (problem.location, *problem.others)]
        where = min(places, key=lambda place: order.get(at(root, place).origin.file, len(order)))
        if not problem.others or at(root, where).origin.file not in order:
            where = next((place for place in places if problem.others and at(root, place).touched), places[0])
        faults.add(_place(root, where), show(root, where), problem.message, problem.hint)


def _place(root: Node, location: Location) -> Origin:
    """Where the value was set; for a default, where the record around it was."""
    places = [at(root, location[:length]).origin for length in range(len(location), -1, -1)]
    return next((place for place in places if place != DEFAULT), DEFAULT)


def _line(record: Record, _: Scenario) -> Problems:
    if not isinstance(record, Line):
        return
    total = record.exchange_share + record.substitution_share
    if not above(1, total):
        message = f"exchange_share and substitution_share sum to {total:g}, so that nothing is left for strategic work"
        yield Problem(("exchange_share",), message, "their sum must be less than 1", (("substitution_share",),))
    if record.cap is not None and above(record.floor, record.cap):
        floor, cap = apart(record.floor, record.cap)
        yield Problem(("floor",), f"floor {floor} lies above cap {cap}", "lower one or raise the other", (("cap",),))


def _rung(record: Record, _: Scenario) -> Problems:
    if isinstance(record, Rung) and abs(sum(record.lags) - 1) > CLOSE:
        message = f"lag weights lag_0 to lag_5 sum to {sum(record.lags):g}"
        yield Problem(("lag_0",), message, "they must sum to 1", tuple((f"lag_{lag}",) for lag in range(1, 6)))


def _quadrant(record: Record, _: Scenario) -> Problems:
    if isinstance(record, Quadrant) and above(record.min_exchange, record.max_exchange):
        least, most = apart(record.min_exchange, record.max_exchange)
        message = f"min_exchange {least} lies above max_exchange {most}"
        yield Problem(("min_exchange",), message, "lower one or raise the other", (("max_exchange",),))


def _diffusion(record: Record, _: Scenario) -> Problems:
    if isinstance(record, Diffusion) and above(record.near, record.far):
        near, far = apart(record.near, record.far)
        message = f"near {near} lies above far {far}, so the stage within reach is empty"
        yield Problem(("near",), message, "a gap above far is far, one below near is near: near <= far", (("far",),))


def _rungs(scenario: Scenario) -> Problems:
    rungs = scenario.rungs
    if tuple(rung.id for rung in rungs) != RUNGS:
        return  # reported
    sums = {
        "capability_weight": sum(rung.capability_weight for rung in rungs),
        "spend_share": sum(rung.spend_share for rung in rungs),
        "profile": sum(rung.capability_weight * rung.profile for rung in rungs),
    }
    for name, total in sums.items():
        if abs(total - 1) > CLOSE and not (name == "profile" and abs(sums["capability_weight"] - 1) > CLOSE):
            what = "capability_weight times profile sums" if name == "profile" else f"{name} sums"
            parts = (name, "capability_weight") if name == "profile" else (name,)
            others = tuple(("rungs", i, part) for i in range(3) for part in parts)
            yield Problem(("rungs", 0, name), f"{what} to {total:g} over the rungs", "the sum must be 1", others)
    for i, rung in enumerate(rungs):
        if rung.capability_weight > 0 and rung.spend_share < LEAST_SHARE:
            message = f"spend_share {rung.spend_share:g} is too small for a yield to be calibrated by it"
            yield Problem(("rungs", i, "spend_share"), message, f"give at least {LEAST_SHARE:g}")
    for i in (1, 2):
        if rungs[i].profile > rungs[i - 1].profile + CLOSE:
            message = f"profile {rungs[i].profile:g} lies above that of rung {RUNGS[i - 1]} ({rungs[i - 1].profile:g})"
            yield Problem(
                ("rungs", i, "profile"),
                message,
                "a rung cannot stand higher than the one below it",
                (("rungs", i - 1, "profile"),),
            )


def _scores(scenario: Scenario) -> Problems:
    """Every domain needs a score, and the types whose national score a law reads need a line."""
    known = {domain.id for domain in scenario.domains}
    astray = any(line.domain not in known for line in scenario.lines)  # reported; the line may be the one missed here
    for i, domain in enumerate(scenario.domains):
        lines = [line for line in scenario.lines if line.domain == domain.id]
        present = [kind for kind in TYPES if any(line.membership[kind] > 0 for line in lines)]
        if not present and astray:
            continue
        if not present:
            message = "has no line" if not lines else "has no line with a membership in any type"
            yield Problem(("domains", i), message, "give it a line, or take the domain out")
        elif not _weighted(scenario, present):
            message = f"has lines of type {', '.join(present)} only, and kct.weights gives them no weight"
            yield Problem(("domains", i), message, "give one of these types a weight")
    for path, value, kinds in (
        (("military", "shield_elasticity"), scenario.military.shield_elasticity, "MS"),
        (("cut_off", "shield"), scenario.cut_off.shield, "S"),
    ):
        if value > 0 and not any(line.membership[kind] > 0 for line in scenario.lines for kind in kinds):
            message = f"is {value:g}, but no line is of type {' or '.join(kinds)}"
            yield Problem(path, message, "set it to 0, or give a line that membership")


def _weighted(scenario: Scenario, present: list[str]) -> bool:
    """Whether the types a domain has carry weight in the KCT form."""
    used = [kind for kind in present if kind != "A"] if scenario.kct.form == "nested" else present
    return scenario.kct.form == "leontief" or not used or any(getattr(scenario.kct.weights, kind) > 0 for kind in used)


def _yields(scenario: Scenario) -> Problems:
    """Base-year effort must be what carries a line along its trend, so every calibrated yield is positive."""
    with np.errstate(all="ignore"):
        base = calibrate(scenario)
    profile = np.array([rung.profile for rung in scenario.rungs])
    power = (np.maximum(base.stock, 1e-9) / 100) ** scenario.knowledge.stock_elasticity
    for i, line in enumerate(scenario.lines):
        if not base.capability[i] > 0:
            message = f"its substitutes in the base year ({base.substitute[i]:g}) exceed its capability"
            hint = "lower substitution_share, substitution.output or substitution.ceiling"
            yield Problem(("lines", i, "capability"), message, hint)
        elif not (base.yields[i] > 0).all():
            r = int(np.argmin(base.yields[i]))
            short = float((-base.yields[i] * power[i] / profile).max()) / base.rival[i, 1]
            message = (
                f"with trend {line.trend:g}, inflow and stock alone carry rung {RUNGS[r]} further than recorded: "
                f"its yield would be {base.yields[i, r]:.3g}, and it must be positive"
            )
            hint = (
                f"raise the trend above {line.trend + short:.4g}, or lower diffusion.exchange_output, "
                f"diffusion.catch_up or rungs[{RUNGS[r]}].inflow"
            )
            yield Problem(("lines", i, "trend"), message, hint)


def _given_yields(scenario: Scenario) -> Problems:
    """Yields that are stated are those of every line, once."""
    yields, lines = scenario.calibration.yields, [line.id for line in scenario.lines]
    given = [entry.id for entry in yields.values]
    if yields.source and not given:
        message = f"the yields of '{yields.source}' were not read"
        yield Problem(("calibration", "yields", "from"), message, "give the scenario to kctopt.load, which reads them")
    for n, name in enumerate(given):
        where = ("calibration", "yields", "values", n, "id")
        if name not in lines:
            message = f"line '{name}' is not a line of this scenario"
            yield Problem(where, message, suggest(name, lines))
        elif name in given[:n]:
            yield Problem(where, f"line '{name}' stands there twice", "keep one of the two")
    for name in lines if given else ():
        if name not in given:
            message = f"yields of line '{name}' are missing"
            strange = [each for each in given if each not in lines]  # a line that is there is not another one misspelt
            hint = suggest(name, strange, most=0) or "the same lines are needed"
            yield Problem(("calibration", "yields", "values"), message, hint)


def _amounts(scenario: Scenario) -> Problems:
    """Base-year spends near enough to each other that none is lost in the round-off of the others."""
    mean = sum(line.spend for line in scenario.lines) / max(1, len(scenario.lines))
    for i, line in enumerate(scenario.lines):
        if line.spend < LOST * mean:
            message = (
                f"is {line.spend:g} billion CNY/year, where a line spends {mean:.3g} on average: too little to count"
            )
            yield Problem(("lines", i, "spend"), message, "is it in billion CNY? else leave the line out")


YIELD_NEEDS = (
    "horizon", "lines", "rungs", "calibration", "knowledge", "substitution", "rival", "controls", "diffusion", "money",
    "stages", "switching", "domains", "cooperation", "modes", "cut_off",
)  # fmt: skip
NOTHING: tuple[str, ...] = ()
ENTRY_CHECKS = (
    (NOTHING, _line),
    (NOTHING, _rung),
    (NOTHING, _quadrant),
    (NOTHING, _diffusion),
    *check_rules.ENTRY_CHECKS,
    *check_options.ENTRY_CHECKS,
    *check_programmes.ENTRY_CHECKS,
)
GROUP_CHECKS = (
    (("rungs",), _rungs),
    (("lines",), _amounts),
    (("lines", "calibration"), _given_yields),
    (("domains", "lines", "kct", "military", "cut_off"), _scores),
    *check_rules.CHECKS,
    *check_options.CHECKS,
    *check_programmes.CHECKS,
)
