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

    `pairs` holds a Pair for each other run, in the order given; `regret` the matrix over all runs with a plan, None
    where there is none (`regret_hindrance` says why). The tables are attributes that hold DataFrames with a column
    `run`: `inputs`, `indices`, `allocation`, `changes`, `limits`, `regrets`, `attributions`. Money is in billion CNY,
    indices in points.
    """

    def summary(self, lang: str = "en") -> str:
        """The comparison as a text for a terminal; `lang` is en or zh."""
        return render.text(sections(self, lang))

    def to_markdown(self, lang: str = "en") -> str:
        """The comparison as a Markdown page."""
        return render.markdown(sections(self, lang))

    def to_html(self, lang: str = "en") -> str:
        """The comparison as one HTML page that needs no other file."""
        return render.page(sections(self, lang), lang)

    def _repr_html_(self) -> str:
        return render.fragment(sections(self, "en"))

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """Write the comparison to one Excel workbook, replaced whole if it exists; needs the extra `excel`."""
        return files.write_excel(self, checked_place("path", path, "the workbook's file"), checked_lang(lang))

    def rows(self, table: str) -> list[dict[str, Any]]:
        """Rows of a table: runs, inputs, objective, indices, allocation, changes, limits, regret, attribution."""
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
        """Courses of stages, regimes, modes and programmes that differ."""
        return self._frame("changes")

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
