"""Names of settings and rules in a comparison: English readers see the keys of files, others what the keys mean.

Data keep the keys in every language.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kctopt.comparison.comparable import Caution
from kctopt.comparison.inputs import Difference
from kctopt.comparison.yardstick import NAMED, farthest
from kctopt.language import ENGLISH, LANGUAGES, translate
from kctopt.result import named
from kctopt.scenario.records import Scenario

if TYPE_CHECKING:
    from kctopt.comparison.comparison import Pair


def settings(paths: Iterable[str], scenario: Scenario, lang: str) -> str:
    """Several inputs in a sentence."""
    return LANGUAGES[lang].comma.join(named.setting(path, scenario, lang) for path in paths)


def group(name: str, points: Iterable[Difference], scenario: Scenario, lang: str) -> str:
    """A group of inputs that changes as one."""
    return name if lang == ENGLISH else named.group_name(scenario, lang, name, [point.path for point in points])


def values(caution: Caution, side: str, pair: Pair, scenario: Scenario, lang: str) -> str:
    """What a caution names on one side, listed as the language lists."""
    listed = [part for part in getattr(caution, side).split(", ") if part]
    match caution.reason:
        case "parameters":
            return settings(listed, scenario, lang)
        case "yields":
            return _yields(pair, scenario, lang)
        case "soft" if lang != ENGLISH:
            told = [_soft(part, lang) for part in listed if part != "-"]
            return LANGUAGES[lang].comma.join(told) or translate("none", lang)
    return getattr(caution, side) if lang == ENGLISH else LANGUAGES[lang].comma.join(listed)


def _soft(part: str, lang: str) -> str:
    """A soft target or a rewarded programme with its size."""
    id, _, size = part.removesuffix(")").rpartition(" (")
    return named.quoted(id, lang) + LANGUAGES[lang].aside(size)


def _yields(pair: Pair, scenario: Scenario, lang: str) -> str:
    """The lines whose yields differ most by label, each with its factor, the others counted."""
    factors = farthest(pair.yields)
    shown = [
        f"{named.label_of(scenario, lang, 'lines', line)} × {factor:.3g}"
        for line, factor in list(factors.items())[:NAMED]
    ]
    text = LANGUAGES[lang].comma.join(shown)
    rest = len(factors) - len(shown)
    return text + LANGUAGES[lang].comma + translate("{count} more", lang, count=rest) if rest else text
