"""Sections as text for a terminal, as Markdown, and as HTML that needs no other file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from kctopt.language import LANGUAGES, money
from kctopt.table import Table, column, escaped
from kctopt.terminal import fold, room


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


def money_digits(value: float | None, lang: str, sign: str = "") -> str:
    """An amount, billion CNY, in the language's unit, never written -0."""
    return money(digits(value, 1, sign), lang)


def spans(years: tuple[int, ...], lang: str) -> str:
    """Years as spans, listed as the language lists: 2026-28, 2031."""
    stretches: list[list[int]] = []
    for year in years:
        if stretches and stretches[-1][1] == year - 1:
            stretches[-1][1] = year
        else:
            stretches.append([year, year])
    between = LANGUAGES[lang].comma
    return between.join(str(first) if first == last else f"{first}-{last % 100:02d}" for first, last in stretches)


def share(part: float) -> str:
    """A part of the money in per cent; what would read as none is said to be less."""
    return "<0.1" if 0 < part < 0.0005 else f"{100 * part:.1f}"


WIDE = 110  # cells of a sentence where there is no terminal

STYLE = (
    "body{font-family:system-ui,'Noto Sans CJK SC',sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;"
    "background:#fff;color:#222}h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}"
    "table{border-collapse:collapse;font-size:.9rem}th,td{padding:.2rem .7rem;border-bottom:1px solid #ddd;"
    "text-align:right;vertical-align:top}th.l,td.l{text-align:left}th{border-bottom:2px solid #888}"
    "p.note{color:#555;font-size:.9rem}"
)


def text(sections: Sequence[ComparisonSection]) -> str:
    """Sections for a terminal, columns lined up."""
    parts = []
    for section in sections:
        lines = [section.title, *(part for line in section.lines for part in _folded(line))]
        if section.table is not None:
            lines += section.table.text()
        parts.append("\n".join([*lines, *(part for note in section.notes for part in _folded(note))]))
    return "\n\n".join(parts) + "\n"


def _folded(line: str) -> list[str]:
    return fold(f"  {line}", room() or WIDE)


def markdown(sections: Sequence[ComparisonSection]) -> str:
    """Sections as a Markdown page."""
    parts = []
    for section in sections:
        parts.append(f"## {escaped(section.title)}")
        if section.lines:
            parts.append("\n".join(f"- {escaped(line)}" for line in section.lines))
        if section.table is not None:
            parts.append(section.table.markdown())
        if section.notes:
            parts.append("\n".join(f"- {escaped(note)}" for note in section.notes))
    return "\n\n".join(parts) + "\n"


def fragment(sections: Sequence[ComparisonSection]) -> str:
    """Sections as HTML for a notebook."""
    return "<div>" + "".join(_html(section) for section in sections) + "</div>"


def page(sections: Sequence[ComparisonSection], lang: str) -> str:
    """Sections as a whole HTML page."""
    title = "kctopt compare"
    head = f'<head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>'
    body = "\n".join(_html(section) for section in sections)
    return (
        f'<!doctype html>\n<html lang="{LANGUAGES[lang].html}">{head}\n<body><h1>{title}</h1>\n{body}\n</body></html>\n'
    )


def _html(section: ComparisonSection) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>", *(f"<p>{escape(line)}</p>" for line in section.lines)]
    if section.table is not None:
        sides = ["r" if column.numeric else "l" for column in section.table.columns]
        head = _cells("th", sides, section.table.heads)
        rows = [f"<tr>{_cells('td', sides, row)}" for row in section.table.shown()]
        body = "</tr>".join(rows) + "</tr>"
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")
    parts += [f'<p class="note">{escape(note)}</p>' for note in section.notes]
    return "".join(parts)


def _cells(tag: str, sides: Sequence[str], cells: Sequence[str]) -> str:
    return "".join(f'<{tag} class="{side}">{escape(cell)}</{tag}>' for side, cell in zip(sides, cells, strict=True))
