"""How records show themselves: one line in a terminal, a small table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

LONGEST = 200  # characters


def shortened(text: str) -> str:
    """A text on one line of at most LONGEST characters."""
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]}…)"


def brief(record: object, *facts: object) -> str:
    """A record by its class and the facts that are known of it."""
    return shortened(f"{type(record).__name__}({', '.join(str(fact) for fact in facts if fact not in (None, ''))})")


def counted(count: int, thing: str) -> str:
    """'1 line', '20 lines'."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def as_html(title: str, rows: Mapping[str, object]) -> str:
    """A title and a table of two columns, without scripts or style sheets."""
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(str(value))}</td></tr>'
        for name, value in rows.items()
    )
    return f"<div><p><strong>{escape(title)}</strong></p><table>{cells}</table></div>"
