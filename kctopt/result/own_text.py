"""What a user changed in the model, in sentences, in English or Chinese."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from kctopt.language import LANGUAGES, Texts, translate
from kctopt.own import OwnParts, OwnRow, family

TEXT: Texts = {
    "head": "changed in the model by its user",
    "variables": "variables added: {names}",
    "rows": "constraints added: {names}",
    "limits": "variables of the model held or limited: {names}",
    "removed": "rules of the scenario switched off: {names}",
    "objective": "objective in place of the scenario's: {text}",
    "more": "{name}: {text} (and {count} more)",
    "one": "{name}: {text}",
}
LONGEST = 160  # letters of a constraint that are shown


def told(own: OwnParts, lang: str) -> list[str]:
    """One sentence for each kind of change, indices counted."""
    kinds = {
        "variables": [variable.name for variable in own.variables],
        "rows": [row.name for row in own.rows],
        "limits": [variable.name for variable in own.limits],
        "removed": list(own.removed),
    }
    lines = [
        translate(TEXT[key], lang, names=LANGUAGES[lang].comma.join(counted(names, lang)))
        for key, names in kinds.items()
        if names
    ]
    if own.objective is not None:
        lines.append(translate(TEXT["objective"], lang, text=objective_text(own)))
    return lines


def objective_text(own: OwnParts) -> str:
    """The user's own objective, shortened."""
    return "" if own.objective is None else short(f"{own.objective.sense} {own.objective.text}")


def counted(names: Iterable[str], lang: str = "en") -> list[str]:
    """Names without their indices, with how many there are of each."""
    aside = LANGUAGES[lang].aside
    return [name + aside(str(count)) if count > 1 else name for name, count in Counter(map(family, names)).items()]


def written(own: OwnParts, lang: str) -> Iterator[str]:
    """Every constraint as Pyomo writes it, of an indexed one the first."""
    groups: dict[str, list[OwnRow]] = {}
    for row in own.rows:
        groups.setdefault(family(row.name), []).append(row)
    for rows in groups.values():
        key = "more" if len(rows) > 1 else "one"
        yield translate(TEXT[key], lang, name=rows[0].name, text=short(rows[0].text), count=len(rows) - 1)


def short(text: str) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 2] + " …"
