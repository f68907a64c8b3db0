"""A report as PDF by typst: tagged, with descriptions of figures (PDF/UA-1), without LaTeX or a browser."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from kctopt.extras import need
from kctopt.language import translate
from kctopt.report.content import Block, Figure, Points, Story, Text
from kctopt.report.draw import drawn
from kctopt.report.fonts import FAMILIES, FAMILY, FOLDER, code_of, private, shipped
from kctopt.report.layout import breakable, widths
from kctopt.report.words import WORDS
from kctopt.table import Table

TEMPLATE = "report.typ"
STANDARD: Any = ["ua-1"]  # PDF/UA, which forbids letters that no font has


def content(story: Story, created: str = "") -> bytes:
    """The report as a PDF; `created` (ISO time) becomes its date. Raises MissingExtra when typst is missing.

    A letter that no font has is written as its code, [U+9F98], so that nothing is lost and the text can be searched.
    """
    need(["report pdf"])
    import typst

    moment = datetime.datetime.fromisoformat(created) if created else datetime.datetime.now(datetime.UTC)
    moment = moment.replace(microsecond=0, tzinfo=moment.tzinfo or datetime.UTC)  # typst takes no others
    with tempfile.TemporaryDirectory(prefix="kctopt-") as name:
        place = Path(name)
        (place / TEMPLATE).write_bytes(resources.files("kctopt.report").joinpath(TEMPLATE).read_bytes())
        data = _data(story, place)
        known = typst.Fonts(font_paths=[str(FOLDER)])
        strange = sorted(_letters(data, place) - shipped())
        lost = [letter for letter in strange if not drawable(letter, known)]
        compiler = typst.Compiler(str(place / TEMPLATE), root=name, font_paths=known)
        try:
            _write(data, place, lost)
            made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=moment)
        except typst.TypstError:
            if lost == strange:
                raise
            _write(data, place, strange)  # letters that can be drawn alone, not where they stand
            made = compiler.compile(format="pdf", pdf_standards=STANDARD, timestamp=moment)
    assert isinstance(made, bytes)  # one file was asked for
    return made


def drawable(letter: str, known: Any) -> bool:
    """Whether some font has a letter. PDF/UA forbids one that none has; without it typst says nothing of it."""
    import typst

    if private(letter):
        return False
    source = f'#set document(title: "letter")\n#set text(font: {json.dumps(FAMILY)})\n#("\\u{{{ord(letter):x}}}")'
    try:
        typst.Compiler(source.encode(), font_paths=known).compile(format="pdf", pdf_standards=STANDARD)
    except typst.TypstError:
        return False
    return True


def _letters(value: Any, place: Path | None = None) -> set[str]:
    """Every letter of the texts in some data, and of the figures in a folder."""
    letters: set[str] = set()
    for figure in place.glob("*.svg") if place is not None else ():
        letters |= set(figure.read_text(encoding="utf-8")) - {"\n"}
    match value:
        case str():
            letters |= set(value)
        case dict():
            letters |= _letters(list(value.values()))
        case list():
            letters = letters.union(*map(_letters, value))
    return letters


def _write(data: dict[str, Any], place: Path, lost: Iterable[str]) -> None:
    """Write the data for the template, and the figures anew, with the codes of letters that no font has."""
    codes = str.maketrans({letter: f"[{code_of(letter)}]" for letter in lost})
    (place / "story.json").write_text(json.dumps(_coded(data, codes), ensure_ascii=False), encoding="utf-8")
    for figure in place.glob("*.svg"):
        text = figure.read_text(encoding="utf-8")
        figure.write_text(text.translate(codes), encoding="utf-8")


def _coded(value: Any, codes: dict[int, str]) -> Any:
    match value:
        case str():
            return value.translate(codes)
        case dict():
            return {key: _coded(part, codes) for key, part in value.items()}
        case list():
            return [_coded(part, codes) for part in value]
    return value


def _data(story: Story, place: Path) -> dict[str, Any]:
    """The story as the template reads it; figures are written beside it."""
    number = [0]

    def block(piece: Block) -> dict[str, Any]:
        match piece:
            case Text():
                return {"kind": piece.tone, "text": piece.text}
            case Points():
                return {"kind": "points", "items": list(piece.items)}
            case Table():
                return _table(piece)
            case Figure():
                number[0] += 1
                file = f"figure-{number[0]}.svg"
                (place / file).write_bytes(drawn(piece.chart, "svg"))
                about = {"file": file, "caption": piece.caption, "description": piece.description}
                return {"kind": "figure", **about}

    return {
        "lang": story.lang,
        "fonts": [family for family in FAMILIES if family != "sans-serif"][:3],
        "title": story.title,
        "subtitle": story.subtitle,
        "contents": translate(WORDS["contents"], story.lang),
        "figure": translate(WORDS["figure"], story.lang).split("{")[0].strip(),
        "table": translate(WORDS["table"], story.lang).split("{")[0].strip(),
        "separator": translate(WORDS["numbered"], story.lang, number="", caption=""),
        "sections": [
            {"title": section.title, "level": section.level - 1, "blocks": [block(piece) for piece in section.blocks]}
            for section in story.sections
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": table.title,
        "widths": widths(table),
        "numeric": [column.numeric for column in table.columns],
        "head": table.heads,
        "rows": [[breakable(cell) for cell in row] for row in table.shown()],
    }
