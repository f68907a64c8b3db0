"""A result as Python users hold it: its record, told, drawn, compared and written."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.arguments import checked_formats, checked_place
from kctopt.language import checked_lang
from kctopt.result import result
from kctopt.result.sentences import decisions_of, told

if TYPE_CHECKING:
    import pandas
    import xarray

    from kctopt.api.comparison import Comparison
    from kctopt.report.plot import Plots
    from kctopt.result.sentences import Decision


class Result(result.Result):
    """A solved scenario.

    The tables are attributes that hold DataFrames: `allocation`, `capability`, `stages`, `indices`, `constraints`,
    `provenance`, and those of discrete decisions, `regimes`, `restraint`, `cooperation`, `programmes`, which are empty
    when the option is off. Money is in billion CNY at base-year prices, capability in index points.
    """

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The discrete decisions of the plan, the most telling first; see `sentences`."""
        return decisions_of(self)

    def sentences(self, lang: str = "en") -> list[str]:
        """The discrete decisions of the plan, a sentence each; `lang` is en or zh."""
        checked_lang(lang)
        return [told(decision, self.scenario, lang) for decision in self.decisions]

    def summary(self, lang: str = "en") -> str:
        """The plan as a text for a planner; `lang` is en or zh."""
        from kctopt.result.text import summary

        return summary(self, lang)

    def _repr_html_(self) -> str:
        from kctopt.result.notebook import html

        return html(self)

    @property
    def plot(self) -> Plots:
        """The figures, one method each: `result.plot.allocation()`; needs the extra `report`."""
        from kctopt.report.plot import Plots

        return Plots(self)

    def report(self, path: str | Path, format: str = "", lang: str = "en") -> Path:
        """Write the report as html, pdf, docx or xlsx, by the suffix of `path` if `format` is not given.

        Where the file exists, one beside it (`-2`, `-3`, …) is written. Returns its path; needs the extra `report`.
        """
        from kctopt.report.write import FORMATS, by_suffix, report

        place, asked = checked_place("path", path, "the report's file"), checked_formats(format, FORMATS)
        stem, chosen = by_suffix(place, asked)
        return report([self], stem, chosen, checked_lang(lang))[0]

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """Write one Excel workbook with charts and all tables, labels in `lang`; needs the extra `excel`."""
        from kctopt.exchange.workbook import to_excel

        return to_excel(self, checked_place("path", path, "the workbook's file"), lang)

    def to_iamc(
        self, region: str = "China", *, scenario: str | None = None, cny_per_usd: float | None = None
    ) -> pandas.DataFrame:
        """The plan as IAMC variables: model, scenario, region, variable, unit, year, value, for pyam and others.

        `scenario` names it (by default its own name, with digits of its hash where it was changed after reading);
        `cny_per_usd` tells money in USD at that rate.
        """
        from kctopt.exchange.iamc import Naming, to_iamc

        return to_iamc(self, Naming(region, scenario, cny_per_usd))

    def to_xarray(self) -> xarray.Dataset:
        """The plan as an xarray Dataset by line, domain, track, rung and year; needs the extra `netcdf`."""
        from kctopt.exchange.netcdf import to_xarray

        return to_xarray(self)

    def to_netcdf(self, path: str | Path) -> Path:
        """Write that Dataset as a netCDF-4 file; needs the extra `netcdf`."""
        from kctopt.exchange.netcdf import write_netcdf

        return write_netcdf(self, checked_place("path", path, "the netCDF file"))

    def compare(self, *others: Result) -> Comparison:
        """This result as BASE against others; changes are OTHER less BASE."""
        from kctopt.api.comparison import compare

        return compare(self, *others)

    def save(self, target: str | Path) -> Path:
        """Save as a new run folder; returns where it went (target, or target-2, … if that exists)."""
        place = self.saved(target).run_dir
        assert place is not None  # saved sets it
        return place

    def saved(self, target: str | Path) -> Result:
        """Save as `save` does; returns this result with its folder and the time that writing took."""
        from kctopt.result.run import save

        place, seconds = save(self, checked_place("target", target, "the folder for the run"))
        return replace(self, run_dir=place, seconds=seconds)
