"""What may be subtracted from what, and why not where it may not.

| refused | where BASE and OTHER differ in | because |
|---|---|---|
| everything | having a plan | there is nothing to subtract |
| everything | what the model holds, horizon.base_year | index points and prices are those of another world or year |
| indices, objective | kct.form, security.form, military.index | the index measures something else |
| indices, objective | unit of an index | so do numbers in other units |
| allocation | horizon.plan_length | the plans are other years |
| objective | what the users changed in the models (own parts) | one of them keeps rules that the other does not |
| objective | objective.kind, .discount, .terminal, .end_years, horizon.last_year, horizon.tail | it sums other things |

What stays comparable is shown all the same. Cautions refuse nothing: they name what makes a difference mean less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from kctopt.analysis.saved import FOLDER, all_of
from kctopt.comparison.inputs import differing_parts
from kctopt.comparison.yardstick import named, yield_changes
from kctopt.result.result import Result
from kctopt.scenario.records import Scenario

Part = Literal["objective", "indices", "allocation"]
ALL: tuple[Part, ...] = ("objective", "indices", "allocation")
MEASURE: tuple[Part, ...] = ("objective", "indices")
REFUSED: dict[str, tuple[Part, ...]] = {
    "model": ALL,
    "horizon.base_year": ALL,
    "kct.form": MEASURE,
    "security.form": MEASURE,
    "military.index": MEASURE,
    "horizon.plan_length": ("allocation",),
    "objective.kind": ("objective",),
    "objective.discount": ("objective",),
    "objective.terminal": ("objective",),
    "objective.end_years": ("objective",),
    "horizon.last_year": ("objective",),
    "horizon.tail": ("objective",),
}
PARAMETERS = ("security.economy", "security.military", "security.technology", "security.rho", "kct.weights",
              "kct.rho", "kct.multiplier", "kct.rho_domains")  # fmt: skip


@dataclass(frozen=True)
class Refusal:
    """Parts that are not subtracted, the setting that stands in the way, and its two values."""

    parts: tuple[Part, ...]
    reason: str  # a path of the scenario, 'plan', or 'unit'
    base: str
    other: str


@dataclass(frozen=True)
class Caution:
    """Something that makes a difference mean less without forbidding it."""

    reason: str  # parameters, yields, state, soft, limit, unverified, version
    base: str
    other: str


def refusals(base: Result, other: Result) -> tuple[Refusal, ...]:
    """Everything that forbids a subtraction, the widest first."""
    reasons = []
    if not (base.has_plan and other.has_plan):
        reasons.append(Refusal(ALL, "plan", base.status, other.status))
    for path, parts in REFUSED.items():
        first, second = (
            _models(base.scenario, other.scenario)
            if path == "model"
            else (_at(base.scenario, path), _at(other.scenario, path))
        )
        if first != second:
            reasons.append(Refusal(parts, path, str(first), str(second)))
    mine, theirs = differing_parts(base, other)
    if mine or theirs:
        reasons.append(Refusal(("objective",), "own", ", ".join(mine) or "-", ", ".join(theirs) or "-"))
    if not reasons:
        reasons += _units(base, other)
    return tuple(sorted(reasons, key=lambda refusal: -len(refusal.parts)))


def refused(reasons: tuple[Refusal, ...], part: Part) -> bool:
    """Whether a part is refused."""
    return any(part in refusal.parts for refusal in reasons)


def _models(base: Scenario, other: Scenario) -> tuple[str, str]:
    """Names of the two models; equal where they hold the same, whatever their folders are called."""
    first, second = base.model_sha256, other.model_sha256
    if not (first and second):  # runs of earlier versions know the name only
        return base.model, other.model
    if first == second:
        return base.model, base.model
    return f"{base.model} ({first[:8]})", f"{other.model} ({second[:8]})"


def _at(scenario: Scenario, path: str) -> object:
    return attrgetter(path)(scenario)


def _units(base: Result, other: Result) -> Iterator[Refusal]:
    """Indices of one name in two units."""
    first, second = ({**_unit_by_index(result)} for result in (base, other))
    differing = [name for name in first if name in second and first[name] != second[name]]
    if differing:
        name = differing[0]
        yield Refusal(MEASURE, f"unit of {name}", first[name], second[name])


def _unit_by_index(result: Result) -> dict[str, str]:
    table = result.columns("indices")
    return dict(zip(table["index"].tolist(), table["unit"].tolist(), strict=True))


def cautions(base: Result, other: Result) -> tuple[Caution, ...]:
    """What a reader should know before trusting a difference."""
    warnings = []
    changed = [path for path in PARAMETERS if _at(base.scenario, path) != _at(other.scenario, path)]
    if changed:
        warnings.append(Caution("parameters", "", ", ".join(changed)))
    if changes := yield_changes(base.scenario, other.scenario):
        warnings.append(Caution("yields", "", named(changes)))
    if _state(base.scenario) != _state(other.scenario):
        warnings.append(Caution("state", "", ""))
    first, second = _extra(base.scenario), _extra(other.scenario)
    if first != second:
        warnings.append(Caution("soft", ", ".join(first) or "-", ", ".join(second) or "-"))
    for reason, flag in (("limit", _open), ("unverified", _unverified)):
        if flag(base) or flag(other):
            warnings.append(Caution(reason, base.status if flag(base) else "", other.status if flag(other) else ""))
    versions = _made(base), _made(other)
    if versions[0] != versions[1]:
        warnings.append(Caution("version", *versions))
    changed_ranges = [place for place in all_of(base.run_dir)[1] if place.startswith(f"{FOLDER}/ranges")]
    if changed_ranges:
        warnings.append(Caution("analysis", ", ".join(changed_ranges), ""))
    return tuple(warnings)


def _made(result: Result) -> str:
    """What a run was solved by: the version of kctopt and the hash of its code."""
    return " ".join(part for part in (result.versions.get("kctopt", ""), result.versions.get("code", "")) if part)


def _state(scenario: Scenario) -> object:
    """What the indices call 100: capability of the base year and the weights by which scores add it up."""
    lines = {line.id: (line.domain, line.capability, line.weight, line.membership) for line in scenario.lines}
    return lines, {domain.id: domain.weight for domain in scenario.domains}


def _extra(scenario: Scenario) -> list[str]:
    """What counts in the objective beside national security: soft targets and rewards, with their sizes."""
    soft = [
        f"{policy.id} ({policy.price:g})" for policy in scenario.policies if policy.kind == "target" and policy.soft
    ]
    return soft + [f"{programme.id} ({programme.reward:g})" for programme in scenario.programmes if programme.reward]


def _open(result: Result) -> bool:
    return result.status in ("limit", "interrupted")


def _unverified(result: Result) -> bool:
    return result.has_plan and (not result.verified or result.status == "fault")
