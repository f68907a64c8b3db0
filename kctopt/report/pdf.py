"""A report as PDF by typst: tagged, with descriptions of figures (PDF/UA-1), without LaTeX or a browser."""

from __future__ import annotations

import datetime
import json
import tempfile
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any

from kctopt.errors import MissingExtra
from kctopt.report.content import Block, Figure, Points, Story, Table, Text
from kctopt.report.draw import drawn
from kctopt.report.fonts import FAMILIES, FOLDER, missing
from kctopt.report.layout import breakable, widths
from kctopt.report.words import WORDS

TEMPLATE = "report.typ"


def content(story: Story, created: str = "") -> bytes:
    """The report as a PDF; `created` (ISO time) becomes its date. Raises MissingExtra when typst is missing."""
    try:
        import typst
    except ImportError as error:
        raise MissingExtra("A report as PDF", "report") from error
    with tempfile.TemporaryDirectory(prefix="kctopt-") as name:
        place = Path(name)
        (place / TEMPLATE).write_bytes(resources.files("kctopt.report").joinpath(TEMPLATE).read_bytes())
        data = _data(story, place)
        (place / "story.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        moment = datetime.datetime.fromisoformat(created) if created else datetime.datetime.now(datetime.UTC)
        compiled = partial(typst.compile, str(place / TEMPLATE), root=name, font_paths=[str(FOLDER)], timestamp=moment)
        try:
            made = compiled(pdf_standards=["ua-1"])
        except typst.TypstError:
            if not missing(story.texts()):
                raise
            made = compiled()  # PDF/UA forbids letters shown as boxes; `report` has warned of them
    assert isinstance(made, bytes)  # one file was asked for
    return made


def _data(story: Story, place: Path) -> dict[str, Any]:
    """The story as the template reads it; figures are written beside it."""
    number = [0]

    def block(one: Block) -> dict[str, Any]:
        match one:
            case Text():
                return {"kind": one.tone, "text": one.text}
            case Points():
                return {"kind": "points", "items": list(one.items)}
            case Table():
                return _table(one)
            case Figure():
                number[0] += 1
                file = f"figure-{number[0]}.svg"
                (place / file).write_bytes(drawn(one.chart, "svg"))
                about = {"file": file, "caption": one.caption, "description": one.description}
                return {"kind": "figure", **about, "table": _table(one.table)}

    return {
        "lang": story.lang,
        "fonts": [family for family in FAMILIES if family != "sans-serif"][:3],
        "title": story.title,
        "subtitle": story.subtitle,
        "contents": WORDS["contents"][story.lang == "zh"],
        "figure": WORDS["figure"][story.lang == "zh"].split("{")[0].strip(),
        "table": WORDS["table"][story.lang == "zh"].split("{")[0].strip(),
        "sections": [
            {"title": section.title, "level": section.level - 1, "blocks": [block(one) for one in section.blocks]}
            for section in story.sections
        ],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": table.caption,
        "widths": widths(table),
        "numeric": [column.numeric for column in table.columns],
        "head": [column.heading for column in table.columns],
        "rows": [[breakable(cell) for cell in row] for row in table.shown()],
    }
