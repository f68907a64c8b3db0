"""Plain-text tables for a terminal: columns line up in English and in Chinese."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Cells a text takes on a terminal; Chinese characters take two."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def pad(text: str, cells: int, right: bool = False) -> str:
    """`text` filled with spaces to `cells` cells, at its left if `right`."""
    space = " " * max(0, cells - width(text))
    return space + text if right else text + space


def grid(
    header: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "  ", left: Sequence[int] = (0,)
) -> list[str]:
    """Lines of a table, two spaces between columns; those in `left` are set to the left, the others to the right."""
    everything = [list(header), *(list(row) for row in rows)]
    cells = [max(width(row[column]) for row in everything) for column in range(len(header))]
    return [
        (indent + "  ".join(pad(text, cells[n], right=n not in left) for n, text in enumerate(row))).rstrip()
        for row in everything
    ]
