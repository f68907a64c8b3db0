"""Native Excel charts on the numbers of a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")  # Okabe-Ito


@dataclass(frozen=True)
class Block:
    """Where numbers by year stand: a heading with the years, and below it a row for each series."""

    sheet: str
    head: int  # row of the years, from 0
    label: int  # column of the names of series
    first: int  # first and last column of years
    last: int


def chart(
    book: Any, block: Block, rows: Sequence[int], title: str, axis: str, kind: Literal["line", "stacked"] = "line",
    number: str = "0", low: float | None = None,
) -> Any:  # fmt: skip
    """A chart of some rows of a block; `low` is where the vertical axis begins, chosen by the program if None."""
    options = {"type": "column", "subtype": "stacked"} if kind == "stacked" else {"type": "line"}
    made = book.add_chart(options)
    for position, row in enumerate(rows):
        colour = COLOURS[position % len(COLOURS)]
        dash = ("solid", "dash", "square_dot")[position // len(COLOURS) % 3]
        look = {"fill": {"color": colour}} if kind == "stacked" else {
            "line": {"color": colour, "width": 1.75, "dash_type": dash}
        }  # fmt: skip
        made.add_series(
            {
                "name": [block.sheet, row, block.label],
                "categories": [block.sheet, block.head, block.first, block.head, block.last],
                "values": [block.sheet, row, block.first, row, block.last],
                "gap": 60,
                **look,
            }
        )
    made.set_title({"name": title, "name_font": {"size": 11}})
    grid = {"visible": True, "line": {"color": "#d9d9d9"}}
    made.set_y_axis({"name": axis, "num_format": number, "major_gridlines": grid, "min": low})
    made.set_x_axis({"num_format": "0", "label_position": "low"})
    made.set_legend({"position": "bottom"})
    made.set_size({"width": 620, "height": 330})
    return made
