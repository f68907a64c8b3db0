"""A study as people read it: what it asks, its inputs with law, range, unit, source and place, its draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kctopt.language import ENGLISH, LANGUAGES, Texts, translate, translate_count
from kctopt.scenario.chinese import choice_names, unit_name
from kctopt.scenario.sourced import source_words
from kctopt.study.distributions import odds, support
from kctopt.study.places import Place, World
from kctopt.study.records import Distribution, Study, UncertainInput
from kctopt.study.sample import draws_in

LAWS: Texts = {
    "uniform": "uniform", "triangular": "triangular", "normal": "normal", "lognormal": "lognormal",
    "choice": "choice", "values": "listed",
}  # fmt: skip
HOW: Texts = {"value": "=", "scale": "times", "add": "plus"}
METHODS: Texts = {
    "grid": "grid", "product": "all combinations", "zip": "row by row", "list": "row by row",
    "lhs": "Latin hypercube", "sobol": "Sobol sequence", "saltelli": "Saltelli sample", "morris": "Morris trajectories",
}  # fmt: skip
MOST = 40  # inputs that are listed one by one
FEW = 8  # listed values that are named one by one


def short(study: Study, lang: str, *, whole: bool = False) -> list[str]:
    """What a study asks and what it draws, in lines.

    Parameters
    ----------
    study
        As `load_study` reads it.
    lang
        en or zh.
    whole
        All inputs, not only the first forty.

    Examples
    --------
    >>> from kctopt.study.load import load_study
    >>> short(load_study("baseline-uncertain"), "en")[0]
    'baseline-uncertain: The baseline under uncertainty'
    """
    colon = LANGUAGES[lang].colon
    lines = [f"{study.name}{colon}{study.label}", *([f"  {study.intent}"] if study.intent else [])]
    lines += [f"  {size(study, lang)}", "", f"  {translate('uncertain inputs', lang)}"]
    world = World(study.scenarios[0])
    listed = study.inputs if whole else study.inputs[:MOST]
    for entry in listed:
        lines += [f"    {line}" for line in described(entry, world, lang)]
    if len(listed) < len(study.inputs):
        more = translate("… and {count} more; see --origin", lang, count=len(study.inputs) - len(listed))
        lines.append(f"    {more}")
    if study.correlation:
        lines += ["", f"  {translate('rank correlation', lang)}"]
        comma = LANGUAGES[lang].comma
        lines += [f"    {one}{comma}{other}{colon}{value:g}" for one, other, value in study.correlation]
    if study.plans:
        lines += ["", f"  {translate('plans held fixed', lang)}", *(f"    {plan}" for plan in study.plans)]
    return lines


def size(study: Study, lang: str) -> str:
    """How many inputs, draws and scenarios, in a line.

    Examples
    --------
    >>> from kctopt.study.load import load_study
    >>> size(load_study("baseline-uncertain"), "en")
    '10 inputs, 256 draws (Sobol sequence, seed 7), 1 scenario: baseline'
    """
    sample, inputs = study.sample, len(study.inputs)
    method = translate(METHODS[sample.method], lang)
    if sample.method in ("lhs", "sobol", "saltelli", "morris"):
        method += translate(", seed {seed}", lang, seed=sample.seed)
    if sample.file:
        place = f"{sample.file} ({sample.sheet})" if sample.sheet else sample.file
        method += translate(", from {place}", lang, place=place)
    entries = translate_count("{count} input", "{count} inputs", lang, count=inputs)
    draws = translate_count("{count} draw", "{count} draws", lang, count=draws_in(sample, study.inputs))
    worlds = translate_count("{count} scenario", "{count} scenarios", lang, count=len(study.scenarios))
    names = LANGUAGES[lang].comma.join(scenario.name for scenario in study.scenarios)
    language = LANGUAGES[lang]
    brackets = ("（", "）") if lang != ENGLISH else (" (", ")")
    drawn = f"{draws}{brackets[0]}{method}{brackets[1]}"
    return f"{language.clause.join((entries, drawn, worlds))}{language.colon}{names}"


def described(entry: UncertainInput, world: World, lang: str) -> list[str]:
    """An input in two lines: its law, and where the number and the law come from."""
    places = [place for path in entry.paths for place in world.places(path)]
    unit = places[0].kind.unit if entry.way != "scale" else ""
    unit = "" if unit in ("share", "ratio") else unit_name(unit, lang)
    law = law_words(entry, lang, choices=places[0].kind.choices)
    how = translate(HOW[entry.way], lang)
    first = f"{entry.name} {how} {law} {unit}".rstrip()
    return [first, f"  {_stands(entry, places, lang)}  # {entry.origin}"]


def law_words(entry: UncertainInput, lang: str, choices: tuple[Any, ...] = ()) -> str:
    """Law of an input with its range, in words.

    Examples
    --------
    >>> law_words(UncertainInput("a", ("a",), "scale", Distribution("uniform", (0.8, 1.2))), "en")
    'uniform 0.8 to 1.2'
    """
    law, names = entry.distribution, choice_names(choices, lang) if choices else {}
    comma = LANGUAGES[lang].comma

    def named(value: Any) -> str:
        text = f"{value:g}" if isinstance(value, float) else str(value)
        name = names.get(text, text)
        return text if name == text else f"{name}（{text}）"

    if law is None:
        return f"{translate(LAWS['values'], lang)} {_listed(entry.values, named, lang)}"
    word = translate(LAWS[law.law], lang)
    if law.law == "choice":
        parts = zip(law.parameters, odds(law), strict=True)
        return f"{word} {comma.join(f'{named(value)} {share:.3g}' for value, share in parts)}"
    return f"{word} {_numbers(law, lang)}"


def _listed(values: tuple[Any, ...], named: Callable[[Any], str], lang: str) -> str:
    """Values one by one; of many, numbers by their range and choices once."""
    different = tuple(dict.fromkeys(values))
    if len(values) <= FEW or not different:
        return LANGUAGES[lang].comma.join(map(named, values))
    if all(type(value) in (int, float) for value in different):
        return translate("{low} to {high}", lang, low=named(min(different)), high=named(max(different)))
    return LANGUAGES[lang].comma.join([*map(named, different[:FEW]), *(["…"] if len(different) > FEW else [])])


def _numbers(law: Distribution, lang: str) -> str:
    numbers = [f"{number:g}" for number in law.parameters]
    match law.law:
        case "uniform":
            text = translate("{low} to {high}", lang, low=numbers[0], high=numbers[1])
        case "triangular":
            text = translate("{low} to {high}, mode {mode}", lang, low=numbers[0], mode=numbers[1], high=numbers[2])
        case "normal":
            text = translate("mean {mean}, deviation {deviation}", lang, mean=numbers[0], deviation=numbers[1])
        case _:
            text = translate("median {median}, sigma of the log {sigma}", lang, median=numbers[0], sigma=numbers[1])
    if law.within is None:
        return text
    low, high = (f"{end:.4g}" for end in support(law))
    return text + translate(", cut off to {low} to {high}", lang, low=low, high=high)


def _stands(entry: UncertainInput, places: list[Place], lang: str) -> str:
    """What stands there now, of which source and grade."""
    numbers = [number for place in places for number in place.numbers]
    rows = {place.row.path: place.row for place in places if place.row is not None}
    comma = LANGUAGES[lang].clause
    parts = []
    if numbers:
        low, high = min(numbers), max(numbers)
        span = f"{low:g}" if low == high else translate("{low} to {high}", lang, low=f"{low:g}", high=f"{high:g}")
        parts.append(translate("now {span}", lang, span=span))
    if entry.from_range:
        parts.append(translate("range of provenance row {row}", lang, row=entry.from_range))
    if entry.source:
        parts.append(translate("distribution: {source}", lang, source=entry.source))
    if len(rows) == 1:
        row = next(iter(rows.values()))
        grade = choice_names(["A", row.grade], lang)[row.grade]
        source = source_words(row.source, lang)
        parts.append(translate("figure: {source}, grade {grade}", lang, source=source, grade=grade))
    elif rows:
        parts.append(translate_count("{count} row of provenance", "{count} rows of provenance", lang, count=len(rows)))
    return comma.join(parts)
