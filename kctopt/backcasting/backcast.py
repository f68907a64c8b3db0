"""A back-cast as its users hold it: tables, text, figure and files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kctopt.arguments import checked_place
from kctopt.backcasting import figure, told
from kctopt.backcasting.observed import read_history
from kctopt.backcasting.tables import TABLES, Tables, tables_of
from kctopt.disk import write_folder


@dataclass(frozen=True)
class Backcast(Tables):
    """Past years simulated by the laws, and held against what happened.

    Attributes
    ----------
    paths : pandas.DataFrame
        line, year, observed, simulated, low and high (over the ranges of parameters and of money), no_change,
        last_trend. Ratios to the rival.
    errors : pandas.DataFrame
        line, year, method, observed, value, points and log, for every figure after the first of its line.
    lines : pandas.DataFrame
        A row a line: years, figures, last observed and simulated, root mean square of the logarithmic errors by method,
        whether values within the ranges fit, and the trend of the first year that the law would have needed
        (`trend_needed`, with an interval; missing where none from `trend_least` to `trend_most` fits).
    parameters : pandas.DataFrame
        Of all lines together, of each line, and the trend: range, value in the model, fitted value, interval.
    variants : pandas.DataFrame
        The last figure of each line with money shares that drift, and figures read otherwise.

    Examples
    --------
    >>> import kctopt
    >>> found = kctopt.backcast("kct-2019")
    >>> found.held in (True, False)
    True
    """

    def text(self, lang: str = "en") -> str:
        """What it says; the verdict is the first line.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            Lines for a terminal.

        Examples
        --------
        >>> import kctopt
        >>> found = kctopt.backcast("kct-2019")
        >>> found.text() != found.text("zh")
        True
        """
        return told.text(self, lang)

    def chart(self, lang: str = "en") -> Any:
        """The figure: figures, simulated path and band by line; needs the extra `report`.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        altair.Chart
            The chart.

        Examples
        --------
        >>> import kctopt
        >>> found = kctopt.backcast("kct-2019")
        >>> "$schema" in found.chart().to_dict()
        True
        """
        return figure.chart(self, lang)

    def data(self) -> dict[str, Any]:
        """Everything as plain data, for JSON.

        Returns
        -------
        dict
            The verdict and the rows of every table.

        Examples
        --------
        >>> import kctopt
        >>> found = kctopt.backcast("kct-2019")
        >>> found.data()["model"]
        'kct-2019'
        """
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
        """Write the tables as CSV and everything as JSON.

        Parameters
        ----------
        folder : str or pathlib.Path
            A new folder.

        Returns
        -------
        pathlib.Path
            Where it went.

        Examples
        --------
        >>> import kctopt
        >>> found = kctopt.backcast("kct-2019")
        >>> found.save("past").name
        'past'
        """
        return write_folder(checked_place("folder", folder, "the folder for the back-cast"), self.write)

    def write(self, folder: Path) -> None:
        """The same into a folder that exists."""
        for name in TABLES:
            getattr(self, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        (folder / "backcast.json").write_text(json.dumps(self.data(), indent=2, ensure_ascii=False), encoding="utf-8")


def backcast(source: str | Path) -> Backcast:
    """The back-cast of a bundled model or a model folder with observations.csv and ranges.csv."""
    history = read_history(source)
    return Backcast(history, **tables_of(history))
