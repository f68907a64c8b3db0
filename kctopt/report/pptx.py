"""A report as slides: question and answer, the table, the figure, the plan, why this money, the worlds, what next.

The slides use the layouts of PowerPoint's own template, so that an office can put its design over them.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Sequence
from typing import Any

from kctopt.extras import need
from kctopt.language import translate
from kctopt.report.content import Block, Figure, Points, Story, Text
from kctopt.report.draw import drawn
from kctopt.report.layout import widths
from kctopt.report.words import WORDS
from kctopt.table import Table

TITLE_AND_CONTENT, TITLE_ONLY = 1, 5  # layouts of the template
WIDE, HIGH = 33.87, 19.05  # cm of a slide, 16:9
MARGIN, TOP = 1.5, 3.6  # cm
BODY, SMALL = 18, 13  # points
ROOM = HIGH - TOP - 1.2
ROWS = 10  # of a long table, whose first rows count most
LONGEST = 255  # letters of a property of the file


def content(story: Story, created: str = "") -> bytes:
    """The slides as a .pptx file; without a plan those that there is something to show on.

    Raises MissingExtra when python-pptx is missing.
    """
    need(["report pptx"])
    import pptx
    from pptx.util import Cm

    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Cm(WIDE), Cm(HIGH)
    about = deck.core_properties
    about.title, about.author, about.comments = story.title[:LONGEST], "kctopt", story.subtitle[:LONGEST]
    if created:
        about.created = about.modified = datetime.datetime.fromisoformat(created).replace(tzinfo=None)
    page = story.sections[0].blocks if story.sections else ()
    first = next((n for n, block in enumerate(page) if isinstance(block, Table)), len(page))
    last = next((n for n, block in enumerate(page) if isinstance(block, Figure)), len(page))
    _texts(deck, story.title, page[:first])
    for block in page[first : last + 1]:
        _shown(deck, block)
    for section in story.sections:
        if section.id == "plan":
            for block in [block for block in section.blocks if isinstance(block, Figure | Table)][:1]:
                _shown(deck, block)
        elif section.id == "reasons":
            for table in [block for block in section.blocks if isinstance(block, Table)][:1]:
                _grid(deck, Table(section.title, table.columns, table.rows[:ROWS]))
        elif section.id == "worlds":
            _texts(deck, section.title, section.blocks)
            for figure in [block for block in section.blocks if isinstance(block, Figure)][:1]:
                _picture(deck, figure)
    if page[last + 1 :]:
        _texts(deck, translate(WORDS["last_slide"], story.lang), page[last + 1 :])
    stream = io.BytesIO()
    deck.save(stream)
    return stream.getvalue()


def _slide(deck: Any, layout: int, title: str) -> Any:
    """A new slide; titles and bodies span the wide page."""
    from pptx.util import Cm, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    head = slide.shapes.title
    head.left, head.top, head.width, head.height = Cm(MARGIN), Cm(0.8), Cm(WIDE - 2 * MARGIN), Cm(2.4)
    head.text_frame.text = title
    head.text_frame.paragraphs[0].font.size = Pt(26)
    return slide


def _texts(deck: Any, title: str, blocks: Sequence[Block]) -> None:
    """A slide of sentences."""
    from pptx.util import Cm, Pt

    items = [text for block in blocks for text in _sentences(block)]
    slide = _slide(deck, TITLE_AND_CONTENT, title)
    body = slide.placeholders[1]
    body.left, body.top, body.width, body.height = Cm(MARGIN), Cm(TOP), Cm(WIDE - 2 * MARGIN), Cm(ROOM)
    size = BODY if sum(map(len, items)) < 900 else SMALL + 1
    for number, item in enumerate(items):
        paragraph = body.text_frame.paragraphs[0] if number == 0 else body.text_frame.add_paragraph()
        paragraph.text = item
        paragraph.font.size = Pt(size)


def _sentences(block: Block) -> Sequence[str]:
    match block:
        case Text():
            return [block.text]
        case Points():
            return block.items
    return []


def _shown(deck: Any, block: Block) -> None:
    """A slide of a figure or a table."""
    match block:
        case Figure():
            _picture(deck, block)
        case Table():
            _grid(deck, block)


def _picture(deck: Any, figure: Figure) -> None:
    from pptx.util import Cm

    slide = _slide(deck, TITLE_ONLY, figure.caption)
    picture = slide.shapes.add_picture(io.BytesIO(drawn(figure.chart, "png")), Cm(MARGIN), Cm(TOP))
    scale = min(Cm(WIDE - 2 * MARGIN) / picture.width, Cm(ROOM) / picture.height)
    picture.width, picture.height = int(picture.width * scale), int(picture.height * scale)
    picture.left = int((deck.slide_width - picture.width) / 2)
    picture._element.nvPicPr.cNvPr.set("descr", figure.description)  # python-pptx has no name for the description


def _grid(deck: Any, table: Table) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Cm, Pt

    rows = [table.heads, *table.shown()]
    slide = _slide(deck, TITLE_ONLY, table.title)
    place = Cm(MARGIN), Cm(TOP), Cm(WIDE - 2 * MARGIN), Cm(min(ROOM, 0.95 * len(rows)))
    made = slide.shapes.add_table(len(rows), len(table.columns), *place).table
    shares = widths(table)
    for place, share in zip(made.columns, shares, strict=True):
        place.width = int(Cm(WIDE - 2 * MARGIN) * share / sum(shares))
    for number, texts in enumerate(rows):
        for cell, text, column in zip(made.rows[number].cells, texts, table.columns, strict=True):
            cell.text = text
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size = Pt(SMALL)
            if column.numeric:
                paragraph.alignment = PP_ALIGN.RIGHT
