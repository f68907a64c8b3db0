"""A comparison of results as Python users hold it: its record, told, as tables and written."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.arguments import checked_place
from kctopt.comparison import comparison, files, render
from kctopt.comparison.runs import Solved, named
from kctopt.comparison.sections import sections
from kctopt.language import checked_lang

if TYPE_CHECKING:
    import pandas


class Comparison(comparison.Comparison):
    """BASE against others.

    The tables are attributes that hold DataFrames with a column `run`: `inputs`, `indices`, `allocation`, `changes`,
    `limits`, `yields`, `recalibrations`, `regrets`, `attributions`. Money is in billion CNY, indices in points.

    Attributes
    ----------
    pairs : tuple of Pair
        One for each other run, in the order given.
    regret : Regret or None
        The matrix over all runs with a plan.
    regret_hindrance : str
        Why there is no matrix; empty where there is one.

    Examples
    --------
    >>> import kctopt
    >>> base = kctopt.open("runs/baseline")
    >>> comparison = kctopt.compare(base, base)
    >>> comparison.comparable, len(comparison.inputs)
    (True, 0)
    """

    def summary(self, lang: str = "en") -> str:
        """The comparison as a text for a terminal.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            Lines.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> kctopt.compare(base, base).summary().strip() != ""
        True
        """
        return render.text(sections(self, lang))

    def to_markdown(self, lang: str = "en") -> str:
        """The comparison as a Markdown page.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            The page.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> kctopt.compare(base, base).to_markdown().strip() != ""
        True
        """
        return render.markdown(sections(self, lang))

    def to_html(self, lang: str = "en") -> str:
        """The comparison as one HTML page that needs no other file.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            The page.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> kctopt.compare(base, base).to_html().strip() != ""
        True
        """
        return render.page(sections(self, lang), lang)

    def _repr_html_(self) -> str:
        return render.fragment(sections(self, "en"))

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """Write the comparison to one Excel workbook; needs the extra `excel`.

        Parameters
        ----------
        path : str or pathlib.Path
            Its file, replaced whole if it exists.
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> kctopt.compare(base, base).to_excel("compared.xlsx").name
        'compared.xlsx'
        """
        return files.write_excel(self, checked_place("path", path, "the workbook's file"), checked_lang(lang))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table as plain values.

        Parameters
        ----------
        table : str
            runs, inputs, objective, indices, yields, recalibration, allocation, changes, limits, regret or attribution.

        Returns
        -------
        list of dict
            A row each, by column.

        Examples
        --------
        >>> import kctopt
        >>> base = kctopt.open("runs/baseline")
        >>> len(kctopt.compare(base, base).rows("runs"))
        2
        """
        return files.rows(self, table)

    @cached_property
    def inputs(self) -> pandas.DataFrame:
        """Every value that differs, with both origins."""
        return self._frame("inputs")

    @cached_property
    def indices(self) -> pandas.DataFrame:
        """Every index of every year that both runs have."""
        return self._frame("indices")

    @cached_property
    def allocation(self) -> pandas.DataFrame:
        """Money by domain, type and plan, billion CNY, the largest change first."""
        return self._frame("allocation")

    @cached_property
    def changes(self) -> pandas.DataFrame:
        """Courses of stages or gap bands, modes and programmes that differ."""
        return self._frame("changes")

    @cached_property
    def yields(self) -> pandas.DataFrame:
        """Yields of the base year that differ, the line that differs most first."""
        return self._frame("yields")

    @cached_property
    def recalibrations(self) -> pandas.DataFrame:
        """Changes in two parts where base-year yields differ: recalibration and the rest."""
        return self._frame("recalibration")

    @cached_property
    def limits(self) -> pandas.DataFrame:
        """Limits that began or ceased to bind."""
        return self._frame("limits")

    @cached_property
    def regrets(self) -> pandas.DataFrame:
        """The regret matrix, one row for each scenario and plan."""
        return self._frame("regret")

    @cached_property
    def attributions(self) -> pandas.DataFrame:
        """What each changed input explains."""
        return self._frame("attribution")

    def _frame(self, table: str) -> pandas.DataFrame:
        return files.table_of(self, table).frame


def compare(base: Solved, *others: Solved, attribution: comparison.Explain[Solved] | None = None) -> Comparison:
    """Compare results, as read or solved; `attribution` explains a pair where both are to be had."""
    return comparison.compare(named([base, *others]), Comparison, attribution)
