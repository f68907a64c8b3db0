"""A back-cast as its users hold it: tables, text, figure and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kctopt.backcasting import figure, told
from kctopt.backcasting.observed import read_history
from kctopt.backcasting.tables import TABLES, Tables, tables_of


@dataclass(frozen=True)
class Backcast(Tables):
    """Past years simulated by the laws, and held against what happened.

    Attributes
    ----------
    paths : line, year, observed, simulated, low and high (over the ranges of parameters and of money), no_change,
        last_trend. Ratios to the rival.
    errors : line, year, method, observed, value, points and log, for every figure after the first of its line.
    lines : a row a line: years, figures, last observed and simulated, root mean square of the logarithmic errors by
        method, whether values within the ranges fit, and the trend of the first year that the law would have needed.
    parameters : of all lines together, of each line, and the trend: range, value in the model, fitted value, interval.
    variants : the last figure of each line with money shares that drift, and figures read otherwise.
    """

    def text(self, lang: str = "en") -> str:
        """What it says, in English or Chinese; the verdict is the first line."""
        return told.text(self, lang)

    def chart(self, lang: str = "en") -> Any:
        """The figure, an Altair chart: figures, simulated path and band by line."""
        return figure.chart(self, lang)

    def data(self) -> dict[str, Any]:
        """Everything as plain data, for JSON."""
        tables = {
            name: json.loads(getattr(self, name).to_json(orient="records", double_precision=10)) for name in TABLES
        }
        model = self.history.model
        return {
            "schema_version": 1,
            "model": model.name,
            "model_sha256": model.model_sha256,
            "holds": self.held,
        } | tables

    def save(self, folder: str | Path) -> Path:
        """Write the tables as CSV and everything as JSON into a new folder, and give its place."""
        from kctopt.disk import write_folder

        return write_folder(Path(folder), self.write)

    def write(self, folder: Path) -> None:
        """The same into a folder that exists."""
        for name in TABLES:
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        (folder / "backcast.json").write_text(json.dumps(self.data(), indent=2, ensure_ascii=False), encoding="utf-8")


def backcast(source: str | Path) -> Backcast:
    """The back-cast of a bundled model or a model folder with observations.csv and ranges.csv."""
    history = read_history(source)
    return Backcast(history, **tables_of(history))
