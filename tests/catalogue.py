"""The catalogues of kctopt and the texts of its code; `python tests/catalogue.py` brings the two in step.

What stands in the code is added to every `kctopt/locale/*/LC_MESSAGES/kctopt.po`, what no longer does is taken out, and
the `.mo` beside it, which gettext reads, is written anew. Then translate what is empty in the `.po` and run it again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import kctopt
from kctopt.language import LANGUAGES

KCTOPT = Path(kctopt.__file__).parent
BEGUN = datetime(2026, 11, 29, tzinfo=UTC)  # a date of the header that does not change with every run
HEADER = "# Texts of kctopt by the English of its code; `python tests/catalogue.py` keeps them in step with it."
WIDTH = 110


class Entry(NamedTuple):
    """A text of the code: what it is told apart by, and its forms (two where it counts)."""

    context: str | None
    text: str | tuple[str, str]


def po(lang: str) -> Path:
    """The catalogue of a language."""
    return KCTOPT / "locale" / lang / "LC_MESSAGES" / "kctopt.po"


# Templates of texts that are told after they were made: errors, notes, what click and the system say. The tests find
# those that are missing, and those that nothing says any more.
TEMPLATES = ("fault", "place", "system", "message", "breach", "help", "value", "column", "unit", "source", "rule")
TRANSLATED = [lang for lang in LANGUAGES if lang != "en"]


def texts() -> dict[Entry, list[str]]:
    """Every text of the code that the catalogues need, with the files where it stands, in their order."""
    found: dict[Entry, list[str]] = {}
    for file in sorted(KCTOPT.rglob("*.py")):
        for one in written(file):
            found.setdefault(one, []).append(file.relative_to(KCTOPT.parent).as_posix())
    return found


def written(file: Path) -> Iterator[Entry]:
    """Texts of a module: in calls of `translate` and `translate_count`, and in tables annotated `Texts`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and "Texts" in ast.unparse(node.annotation) and node.value is not None:
            tables = [one for one in ast.walk(node.value) if isinstance(one, ast.Dict)]
            yield from (one for table in tables for value in table.values for one in literals(value))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "translate":
                yield from literals(node.args[0])
            elif node.func.id == "plural" or (
                node.func.id == "translate_count" and isinstance(node.args[0], ast.Constant)
            ):
                one, many = (ast.literal_eval(form) for form in node.args[:2])
                yield Entry(None, (one, many))


def literals(node: ast.AST) -> Iterator[Entry]:
    """Texts that an expression can be, with their contexts; empty ones need no translation."""
    match node:
        case ast.Constant(value=str(text)) if text:
            yield Entry(None, text)
        case ast.IfExp(body=body, orelse=other):
            yield from (*literals(body), *literals(other))
        case ast.Call(func=ast.Name(id="within"), args=[ast.Constant(value=str(context)), inner]):
            yield from (Entry(context, text) for _, text in literals(inner))


def read(lang: str) -> Catalog:
    """The catalogue of a language as it is."""
    with po(lang).open("rb") as file:
        return read_po(file, locale=lang)


def brought_in_step(lang: str) -> Catalog:
    """The catalogue with the texts of the code and no others; translations are kept."""
    old = read(lang)
    new = Catalog(
        lang, "kctopt", HEADER, "kctopt", "", "", "see CONTRIBUTING.md", BEGUN, BEGUN, "kctopt", "kctopt", fuzzy=False
    )
    for number, (one, files) in enumerate(texts().items()):
        known = old.get(one.text, one.context)
        places = [(file, number) for file in dict.fromkeys(files)]
        new.add(one.text, known.string if known else "", places, context=one.context)
    for one in old:
        if one.context in TEMPLATES:
            new.add(one.id, one.string, context=one.context)
    return new


def main() -> None:
    """Write every catalogue."""
    for lang in TRANSLATED:
        catalog = brought_in_step(lang)
        with po(lang).open("wb") as file:
            write_po(file, catalog, WIDTH, sort_by_file=True, include_lineno=False)
        with po(lang).with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
        empty = [one.id for one in catalog if one.id and not one.string]
        print(f"{po(lang)}: {len(catalog)} texts" + (f", {len(empty)} to be translated: {empty}" if empty else ""))


if __name__ == "__main__":
    main()
