"""What a report is made of, as data: the same records are written as HTML, PDF, Word and Excel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kctopt.table import Table


@dataclass(frozen=True)
class Figure:
    """A picture with its caption, a description for those who do not see it, and its numbers."""

    name: str
    caption: str
    description: str
    chart: Any  # Altair
    table: Table


@dataclass(frozen=True)
class Text:
    """A paragraph; `warning` sets it apart."""

    text: str
    tone: Literal["plain", "warning"] = "plain"


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: Sequence[str]


Block = Text | Points | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of a report; `level` 2 is a chapter, 3 a part of one."""

    id: str
    title: str
    blocks: Sequence[Block]
    level: int = 2


@dataclass(frozen=True)
class Story:
    """A whole report in one language."""

    lang: str
    title: str
    subtitle: str
    sections: Sequence[Section]
    left_out: Sequence[tuple[str, int, str]] = ()  # attributions: run, solves, and the two runs of a comparison

    def texts(self) -> Iterator[str]:
        """Every text of the report."""
        yield from (text for _, text in self.placed())

    def placed(self) -> Iterator[tuple[str, str]]:
        """Every text of the report with the title of its section, for the check of letters."""
        yield from ((self.title, text) for text in (self.title, self.subtitle))
        for section in self.sections:
            yield section.title, section.title
            for block in section.blocks:
                yield from ((section.title, text) for text in _texts(block))


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Text():
            yield block.text
        case Points():
            yield from block.items
        case Figure():
            yield from (block.caption, block.description)
            yield from _texts(block.table)
        case Table():
            yield block.title
            yield from block.heads
            yield from (cell for row in block.shown() for cell in row)
