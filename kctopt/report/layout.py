"""What PDF and Word need to set tables: widths of columns, and places where long names may be broken."""

from __future__ import annotations

import math
import re

from kctopt.table import Table
from kctopt.terminal import width

NARROWEST, WIDEST = 5, 34  # cells of a column's text that its width follows
PAGE = 100  # cells of text side by side on a page of A4
USUAL = 0.9  # part of the cells that should fit into one line
_ZERO = "\u200b"  # a break without a mark


def widths(table: Table, room: int = 2) -> list[int]:
    """Relative widths of the columns: most cells fit into one line, and every word fits.

    `room` is for the margins of a cell, in cells of text.
    """
    sizes, least = [], []
    for n, column in enumerate(table.columns):
        texts = [row[n] for row in table.shown()]
        lengths = sorted(map(width, texts)) or [0]
        usual = min(lengths[math.ceil(USUAL * (len(lengths) - 1))], WIDEST)
        longest = max(NARROWEST, *(_longest_word(text) for text in (column.label, *texts)))
        sizes.append(max(usual, longest) + room)
        least.append(longest + room)
    return _fitted(sizes, least, PAGE + (room - 2) * len(sizes))


def _fitted(sizes: list[int], least: list[int], page: int) -> list[int]:
    """Widths that together fit a page, taken from columns whose text can be broken, the widest first."""
    fitted = list(sizes)
    while sum(fitted) > page and (wide := [n for n, size in enumerate(fitted) if size > least[n]]):
        fitted[max(wide, key=lambda n: fitted[n])] -= 1
    return fitted


def _longest_word(text: str) -> int:
    """Cells of the longest part of a text that cannot be broken; Chinese breaks anywhere."""
    return max((width(part) for part in re.findall(r"[!-~\u2212\u00a0]+", breakable(text))), default=0)


def breakable(text: str) -> str:
    """`text` with places to break in words of more than 16 letters: at dots, slashes, brackets, and inside hashes."""

    def open_up(match: re.Match[str]) -> str:
        word = re.sub(r"([./_\]-]|(?<=\w)\[)", rf"\1{_ZERO}", match[0])
        return re.sub(r"([0-9a-f]{16})(?=[0-9a-f])", rf"\1{_ZERO}", word)

    return re.sub(r"[!-~]{17,}", open_up, text)
