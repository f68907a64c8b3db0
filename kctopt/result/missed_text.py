"""What a plan misses of its soft targets in sentences, in English or Chinese: which lines, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kctopt.language import LANGUAGES, Texts, translate
from kctopt.scenario.records import TargetPolicy
from kctopt.scenario.select import target_lines
from kctopt.simulator.trajectory import least_ratio

if TYPE_CHECKING:
    from kctopt.result.result import Result

TEXT: Texts = {
    "met": "soft target {target}, {year}: met on every line",
    "missed": "soft target {target}, {year}: missed on {lines} of the {asked} asked; met on {met} of {count} lines",
    "line": "{line} ({reached}, short by {short})",
}
SMALL = 5e-4  # of the rival's capability: what is missed by less reads as met


def told(result: Result, lang: str) -> list[str]:
    """A sentence on every soft target; none without a plan."""
    return [] if result.trajectory is None else list(_sentences(result, lang))


def _sentences(result: Result, lang: str) -> Iterator[str]:
    path, scenario = result.trajectory, result.scenario
    assert path is not None
    for policy in scenario.policies:
        if not isinstance(policy, TargetPolicy) or not policy.soft:
            continue
        lines, asked = target_lines(scenario, policy), least_ratio(policy)
        short = {
            scenario.lines[i].id: float(missing) for i, missing in zip(lines, path.shortfall[policy.id], strict=True)
        }
        missed = {line: missing for line, missing in short.items() if missing >= SMALL}
        if not missed:
            yield translate(TEXT["met"], lang, target=policy.id, year=policy.by)
            continue
        parts = [
            translate(TEXT["line"], lang, line=line, reached=f"{asked - missing:.3f}", short=f"{missing:.3f}")
            for line, missing in missed.items()
        ]
        yield translate(
            TEXT["missed"], lang, target=policy.id, year=policy.by, lines=LANGUAGES[lang].comma.join(parts),
            asked=f"{asked:.3f}", met=len(lines) - len(missed), count=len(lines),
        )  # fmt: skip
