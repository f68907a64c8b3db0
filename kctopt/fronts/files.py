"""A front on disk, in one new folder that is written whole or not at all.

| file | content |
|---|---|
| pareto.json | status, objectives with their ranges, gap, knee, hypervolume, tables, versions, hashes of inputs |
| points.csv, money.csv, rules.csv, changes.csv | the tables (utf-8-sig, for spreadsheets) |
| front.html | the figure, where its packages are installed |
| points/NN/ | a run of every point, with its scenario, its plan and all its tables, for `kctopt verify` |
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.disk import or_kept, write_folder
from kctopt.errors import MissingExtra
from kctopt.fronts import figure
from kctopt.result.folder import write_json
from kctopt.result.run import save as save_run
from kctopt.table import write_csv

if TYPE_CHECKING:
    from kctopt.fronts.drawn import Drawn

RECORD, FIGURE, POINTS = "pareto.json", "front.html", "points"


def save(front: Drawn, target: Path, lang: str) -> Path:
    """Write the folder; returns where it went. Raises WriteError where that cannot be."""

    def fill(place: Path) -> None:
        write_json(place / RECORD, front.data())
        for table in front.tables:
            write_csv(place / f"{table.title}.csv", table.columns, table.rows)
        try:
            page = figure.chart(front, lang).to_html(inline=True)
        except MissingExtra:
            page = ""
        if page:
            (place / FIGURE).write_text(page, encoding="utf-8", newline="\n")
        for n, result in enumerate(front.results, 1):
            save_run(result, place / POINTS / f"{n:02d}")

    return or_kept(target, lambda place: write_folder(place, fill))
