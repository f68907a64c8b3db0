"""A result in a notebook: status and certificate, tables of indices and money, decisions told."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING

from kctopt.result.sentences import chosen, decisions_of, told
from kctopt.result.text import Cells, head, index_cells, money_cells, name, share_cells, stage_cells, track_cells, word

if TYPE_CHECKING:
    from kctopt.result.result import Result

CELL = "padding:.15em .7em;border-bottom:1px solid #d9d9d9"


def html(result: Result, lang: str = "en") -> str:
    """The result as HTML without scripts, outside requests or style sheets."""
    return "<div>" + "".join(_parts(result, lang)) + "</div>"


def _parts(result: Result, lang: str) -> Iterator[str]:
    yield f"<p><strong>kctopt: {escape(name(result.scenario.label, lang))}</strong></p>"
    lines = head(result, lang)
    yield "<p>" + "<br>".join(escape(line.strip()) for line in lines) + "</p>"
    if not result.has_plan:
        return
    for cells in (index_cells, money_cells, share_cells, track_cells, stage_cells):
        yield _table(cells(result, lang))
    decisions = [told(decision, result.scenario, lang) for decision in chosen(decisions_of(result))]
    if decisions:
        items = "".join(f"<li>{escape(sentence)}</li>" for sentence in decisions)
        yield f"<p>{escape(word('decisions', lang))}</p><ul>{items}</ul>"
    yield "<p><code>.summary() .plot .report() .allocation .constraints</code></p>"


def _table(cells: Cells) -> str:
    first, rows = cells
    heads = "".join(
        f'<th scope="col" style="{CELL};text-align:{"right" if n else "left"}">{escape(text)}</th>'
        for n, text in enumerate(first)
    )
    body = "".join(
        "<tr>"
        + f'<th scope="row" style="{CELL};text-align:left;font-weight:normal">{escape(row[0])}</th>'
        + "".join(f'<td style="{CELL};text-align:right">{escape(text)}</td>' for text in row[1:])
        + "</tr>"
        for row in rows
    )
    style = "border-collapse:collapse;margin-bottom:.8em"
    return f'<table style="{style}"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>'
