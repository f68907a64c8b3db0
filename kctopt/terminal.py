"""Text within the width of a terminal: the cells that letters take, lines folded, tables lined up.

A command says how wide the terminal is (`within_cells`); where nobody does, as in Python and in a pipe, no line is
folded, so that other programs get whole lines. A table that is too wide gives way in this order:

1. headings of several words take several lines;
2. a long last column of text is folded where it stands, or stands below its row;
3. numbers stand one space apart, and other columns of text are folded, at last inside their words;
4. the columns of numbers stand in blocks, one below the other, each with the first columns again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

GAP = 2  # spaces between columns
TEXT = 24  # cells that a last column of text needs to be folded where it stands
FEWEST, MOST = 8, 20  # cells that a column keeps for its longest word
HANG = 2  # spaces before what goes on
BELOW = 4  # spaces before a column that stands below its row
CLOSING = frozenset("，。、；：！？）】》”’％…,.;:!?)]}%")  # no line begins with these
OPENING = frozenset("（【《“‘([{")  # and none ends with these
SPACE = re.compile(r"( +)")
JOINT = re.compile(r"(?<=[/.\]:_·])(?=.)|(?=\[)")  # where a word that is too long for its column is broken

_cells: ContextVar[int | None] = ContextVar("kctopt_cells", default=None)


@contextmanager
def within_cells(cells: int | None) -> Iterator[None]:
    """Text made in the block is laid out for a terminal of so many cells; None folds nothing."""
    token = _cells.set(cells)
    try:
        yield
    finally:
        _cells.reset(token)


def room() -> int | None:
    """Cells that a line may take; None where there is no limit."""
    return _cells.get()


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


def fold(line: str, cells: int | None, hang: int | None = None, *, inside: bool = False) -> list[str]:
    """A line as lines of at most `cells` cells, broken at spaces and between Chinese characters.

    What goes on is set in by `hang` spaces, or by two more than the line. A word that is longer than a line stays
    whole, as paths must, but with `inside` it is broken too.
    """
    if cells is None or width(line) <= cells:
        return [line]
    indent = len(line) - len(line.lstrip(" "))
    after = " " * (indent + HANG if hang is None else hang)
    lines, now = list[str](), line[:indent]
    taken = indent
    for space, piece in _pieces(line[indent:], cells - max(indent, len(after)) if inside else None):
        size = width(space) + width(piece)
        if taken + size > cells and now.strip():
            lines.append(now.rstrip())
            now, taken = after + piece, len(after) + width(piece)
        else:
            now, taken = now + space + piece, taken + size
    return [*lines, now.rstrip()]


def folded(text: str, cells: int | None) -> str:
    """Every line of a text folded."""
    return text if cells is None else "\n".join(part for line in text.split("\n") for part in fold(line, cells))


def _pieces(text: str, longest: int | None) -> Iterator[tuple[str, str]]:
    """Pieces that a line is never broken inside, each with the spaces before it."""
    space = ""
    for word in SPACE.split(text):
        if not word or word.isspace():
            space += word
            continue
        for piece in _unbroken(word):
            for part in _parts(piece, longest):
                yield space, part
                space = ""


def _unbroken(word: str) -> Iterator[str]:
    """A word, cut between Chinese characters where a line may end."""
    start = 0
    for n in range(1, len(word)):
        before, after = word[n - 1], word[n]
        wide = width(before) == 2 or width(after) == 2
        if wide and after not in CLOSING and before not in OPENING:
            yield word[start:n]
            start = n
    yield word[start:]


def _parts(piece: str, longest: int | None) -> Iterator[str]:
    """A piece that is longer than a line, cut at its joints, and where these are too far apart, anywhere."""
    if longest is None or width(piece) <= longest:
        yield piece
        return
    for part in JOINT.split(piece):
        yield from (part[n : n + longest] for n in range(0, len(part), longest)) if len(part) > longest else (part,)


def grid(
    header: Sequence[str], rows: Iterable[Sequence[str]], indent: str = "  ", left: Sequence[int] = (0,)
) -> list[str]:
    """Lines of a table within the width of the terminal, two spaces between columns; no header, no line for it.

    Columns in `left` are set to the left, the others to the right.
    """
    body = [list(row) for row in rows]
    table = _Grid(list(header), body, indent, frozenset(left))
    return table.lines() if header or body else []


class _Grid:
    """A table to be laid out."""

    def __init__(self, header: list[str], rows: list[list[str]], indent: str, left: frozenset[int]) -> None:
        self.header, self.rows, self.indent, self.left = header, rows, indent, left
        self.count = len(header or rows[0])
        self.columns = range(self.count)
        self.body = [max((width(row[n]) for row in rows), default=0) for n in self.columns]
        self.gap = GAP  # before numbers
        self.below = False  # the last column stands below its row

    def lines(self) -> list[str]:
        """Its lines."""
        heads = map(width, self.header or [""] * self.count)
        natural = [max(pair) for pair in zip(self.body, heads, strict=True)]
        space = room()
        if space is None or self._takes(natural) <= space:
            return self._drawn(natural)
        cells = self._heads_folded(natural, space)
        if self._takes(cells) <= space or self._last_folded(cells, space):
            return self._drawn(cells)
        self.gap = 1
        cells = self._heads_folded(natural, space)
        self._give_way(cells, space)
        return self._drawn(cells) if self._takes(cells) <= space else self._blocks(cells, space)

    def _heads_folded(self, natural: Sequence[int], space: int) -> list[int]:
        """Cells of the columns with headings folded as far as is needed, those first that give most."""
        cells, least = list(natural), [max(size, self._least_head(n)) for n, size in enumerate(self.body)]
        for n in sorted(self.columns, key=lambda n: natural[n] - least[n], reverse=True):
            cells[n] = max(least[n], cells[n] - max(0, self._takes(cells) - space))
        return cells

    def _last_folded(self, cells: list[int], space: int) -> bool:
        """Whether a long last column of text can be folded where it stands, or below its row; then it is."""
        last, rest = self.count - 1, space - self._takes([*cells[:-1], 0])
        if last not in self.left or not last or cells[last] < TEXT:
            return False
        if rest >= TEXT:
            cells[last] = rest
        else:
            self.below = self._takes(cells[:-1]) <= space
        return rest >= TEXT or self.below

    def _give_way(self, cells: list[int], space: int) -> None:
        """Columns of text become as narrow as is needed, by the fewest rows that are folded."""
        while (over := self._takes(cells) - space) > 0:
            choices = []
            for n in self.left & set(self.columns):
                to = max(self._least_body(n), cells[n] - over)
                if to < cells[n]:
                    choices.append((sum(width(row[n]) > to for row in self.rows) / (cells[n] - to), n, to))
            if not choices:
                return
            _, n, to = min(choices)
            cells[n] = to

    def _least_body(self, n: int) -> int:
        """Cells that a column of text keeps: its longest word, or a part of that, or some Chinese characters."""
        longest = max((width(piece) for row in self.rows for _, piece in _pieces(row[n], None)), default=0)
        return max(FEWEST, min(longest, MOST))

    def _blocks(self, cells: list[int], space: int) -> list[str]:
        """The columns in blocks, each behind the first columns of text; a single one stays as it is."""
        first = next((n for n in self.columns if n not in self.left), self.count)
        fixed, rest = list(range(first)), list(range(first, self.count))
        if len(rest) < 2:
            return self._drawn(cells)
        lines: list[str] = []
        while rest:
            taken = [*fixed, rest.pop(0)]
            while rest and self._part([*taken, rest[0]])._narrow() <= space:
                taken.append(rest.pop(0))
            lines += [*([""] if lines else []), *self._part(taken).lines()]
        return lines

    def _part(self, taken: list[int]) -> _Grid:
        """Some of its columns as a table."""
        rows = [[row[n] for n in taken] for row in self.rows]
        left = frozenset(place for place, n in enumerate(taken) if n in self.left)
        return _Grid([self.header[n] for n in taken] if self.header else [], rows, self.indent, left)

    def _narrow(self) -> int:
        """Cells it takes with folded headings."""
        return self._takes([max(size, self._least_head(n)) for n, size in enumerate(self.body)])

    def _least_head(self, n: int) -> int:
        """Cells that a heading takes when it is folded into three lines at most."""
        if not self.header:
            return 0
        longest = max((width(piece) for _, piece in _pieces(self.header[n], None)), default=0)
        return min(width(self.header[n]), max(FEWEST, longest, -(-width(self.header[n]) // 3)))

    def _takes(self, cells: Sequence[int]) -> int:
        """Cells of a line whose columns have so many."""
        gaps = sum(GAP if n in self.left else self.gap for n in range(1, len(cells)))
        return len(self.indent) + sum(cells) + gaps

    def _drawn(self, cells: list[int]) -> list[str]:
        """Its lines with columns of so many cells."""
        lines = self._row(self.header, cells, head=True) if self.header else []
        return lines + [line for row in self.rows for line in self._row(row, cells)]

    def _row(self, row: Sequence[str], cells: Sequence[int], *, head: bool = False) -> list[str]:
        """A row, as many lines as its cells need; headings stand at the foot of theirs."""
        here = row[:-1] if self.below else row
        parts = [
            fold(text, cells[n], 0 if n or head else HANG, inside=True) if width(text) > cells[n] else [text]
            for n, text in enumerate(here)
        ]
        height = max(map(len, parts))
        filled = [[""] * (height - len(part)) + part if head else part + [""] * (height - len(part)) for part in parts]
        lines = [self._line([column[k] for column in filled], cells) for k in range(height)]
        if self.below and row[-1]:
            start = self.indent + " " * BELOW
            lines += fold(start + row[-1], room(), len(start) + HANG, inside=True)
        return lines

    def _line(self, texts: Sequence[str], cells: Sequence[int]) -> str:
        padded = [pad(text, cells[n], right=n not in self.left) for n, text in enumerate(texts)]
        gaps = ["", *(" " * (GAP if n in self.left else self.gap) for n in range(1, len(texts)))]
        return (self.indent + "".join(gap + text for gap, text in zip(gaps, padded, strict=True))).rstrip()
