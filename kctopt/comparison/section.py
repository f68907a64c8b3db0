"""A section of a comparison, and numbers as its sections write them."""

from __future__ import annotations

from dataclasses import dataclass, field

from kctopt.table import Table, column


@dataclass(frozen=True)
class ComparisonSection:
    """A title, sentences, a table (header, rows, columns set to the left) and notes under it."""

    title: str
    lines: tuple[str, ...] = ()
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    left: tuple[int, ...] = (0,)
    notes: tuple[str, ...] = field(default=())

    @property
    def table(self) -> Table | None:
        """The rows as a table of texts; None where there are none."""
        columns = [column(label, "" if n in self.left else "s") for n, label in enumerate(self.header)]
        return Table(self.title, columns, self.rows) if self.rows else None


def digits(value: float | None, digits: int, sign: str = "") -> str:
    """A number, never written -0."""
    if value is None:
        return ""
    text = f"{value:{sign}.{digits}f}"
    return text.replace("-", "+" if sign else "") if float(text) == 0 else text


def spans(years: tuple[int, ...]) -> str:
    """Years as spans: 2026-28, 2031."""
    found: list[list[int]] = []
    for year in years:
        if found and found[-1][1] == year - 1:
            found[-1][1] = year
        else:
            found.append([year, year])
    return ", ".join(str(first) if first == last else f"{first}-{last % 100:02d}" for first, last in found)


def share(part: float) -> str:
    """A part of the money in per cent; what would read as none is said to be less."""
    return "<0.1" if 0 < part < 0.0005 else f"{100 * part:.1f}"
