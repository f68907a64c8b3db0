"""A result as Python users hold it: its record, told, drawn, compared and written."""

from __future__ import annotations

from collections.abc import Sequence
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
    from kctopt.report.content import Section
    from kctopt.report.plot import Plots
    from kctopt.result.sentences import Decision
    from kctopt.study.sweep import Sweep


class Result(result.Result):
    """A solved scenario.

    The tables are attributes that hold DataFrames: `allocation`, `capability`, `stages`, `indices`, `constraints`,
    `provenance`, and those of discrete decisions, `regimes`, `restraint`, `cooperation`, `programmes`, which are empty
    when the option is off. Money is in billion CNY at base-year prices, capability in index points.

    Attributes
    ----------
    status : Status
        How the solve ended; see `kctopt.status`.
    objective : float or None
        Simulated value of the plan, NS points, or billion CNY for `min_budget`.
    bound : float or None
        Proven bound, in the same unit.
    gap : float or None
        Relative distance of the two.
    verified : bool
        Whether the plan breaks no rule and is worth what is claimed.
    value_of_planning : ValueOfPlanning or None
        What the plan is worth beyond the base year's shares, with `at_most`, `trend` and `reference`, NS points.
    domain_shares : tuple of DomainShare
        Share of the money of every domain, in the base year too, and less the domain's weight.
    scenario : Scenario
        What was solved.
    prices : mapping of str to float
        Objective points for one more unit on the right side, by rule.
    values : mapping of str to float
        Variables that you added to the model, by name.

    Examples
    --------
    >>> import kctopt
    >>> result = kctopt.open("runs/baseline")
    >>> sorted(result.allocation.columns)[:3]
    ['amount', 'domain', 'line']
    """

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """The discrete decisions of the plan, the most telling first; see `sentences`."""
        return decisions_of(self)

    def sentences(self, lang: str = "en") -> list[str]:
        """The discrete decisions of the plan, a sentence each.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        list of str
            The most telling first; empty without discrete decisions.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").sentences()
        []
        """
        checked_lang(lang)
        return [told(decision, self.scenario, lang) for decision in self.decisions]

    def summary(self, lang: str = "en") -> str:
        """The plan as a text for a planner.

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
        >>> "optimal" in kctopt.open("runs/baseline").summary()
        True
        """
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

    def report(
        self, path: str | Path, format: str = "", lang: str = "en", appendix: str = "changed",
        study: Sweep | str | Path | None = None,
    ) -> Path:  # fmt: skip
        """Write the report.

        Parameters
        ----------
        path : str or pathlib.Path
            Its file; where it exists, one beside it (`-2`, `-3`, …) is written.
        format : str, optional
            `html`, `pdf`, `docx`, `pptx` or `xlsx`; by the suffix of `path` if it is not given.
        lang : str, default "en"
            `en` or `zh`.
        appendix : str, default "changed"
            Settings listed with their sources: `none`, `changed` (those that differ from the model) or `all`.
        study : Sweep, str or pathlib.Path, optional
            A swept study of the same scenario, or its file: adds the chapter on how firm the plan is over its worlds.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        UsageError
            For an appendix of another name, and a study of another scenario.
        MissingExtra
            Without the extra `report`.
        WriteError
            Where it cannot be written.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").report("plan.html").name
        'plan.html'
        """
        from kctopt.report.story import checked_appendix
        from kctopt.report.write import FORMATS, by_suffix, report

        place, asked = checked_place("path", path, "the report's file"), checked_formats(format, FORMATS)
        stem, chosen = by_suffix(place, asked)
        worlds: Sequence[Section] = ()
        if study is not None:
            from kctopt.study.firm import chapter
            from kctopt.study.swept import Swept

            swept = study if isinstance(study, Swept) else Swept(checked_place("study", study, "the file of a study"))
            worlds = chapter(swept, [self], checked_lang(lang))
        return report([self], stem, chosen, checked_lang(lang), checked_appendix(appendix), worlds)[0]

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """Write one Excel workbook with charts and all tables; needs the extra `excel`.

        Parameters
        ----------
        path : str or pathlib.Path
            Its file, replaced whole if it exists.
        lang : str, default "en"
            Language of labels, `en` or `zh`.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").to_excel("plan.xlsx").name
        'plan.xlsx'
        """
        from kctopt.exchange.workbook import to_excel

        return to_excel(self, checked_place("path", path, "the workbook's file"), lang)

    def to_iamc(
        self, region: str = "China", *, scenario: str | None = None, cny_per_usd: float | None = None
    ) -> pandas.DataFrame:
        """The plan as IAMC variables, for pyam and others.

        Parameters
        ----------
        region : str, default "China"
            Name of the region.
        scenario : str, optional
            Name of the scenario; by default its own, with digits of its hash where it was changed after reading.
        cny_per_usd : float, optional
            Tells money in USD at that rate.

        Returns
        -------
        pandas.DataFrame
            Columns model, scenario, region, variable, unit, year and value; empty without a plan.

        Examples
        --------
        >>> import kctopt
        >>> list(kctopt.open("runs/baseline").to_iamc().columns)
        ['model', 'scenario', 'region', 'variable', 'unit', 'year', 'value']
        """
        from kctopt.exchange.iamc import Naming, to_iamc

        return to_iamc(self, Naming(region, scenario, cny_per_usd))

    def to_xarray(self) -> xarray.Dataset:
        """The plan as a Dataset; needs the extra `netcdf`.

        Returns
        -------
        xarray.Dataset
            By line, domain, track, rung and year.

        Examples
        --------
        >>> import kctopt
        >>> "line" in kctopt.open("runs/baseline").to_xarray().dims
        True
        """
        from kctopt.exchange.netcdf import to_xarray

        return to_xarray(self)

    def to_netcdf(self, path: str | Path) -> Path:
        """Write the Dataset of `to_xarray` as a netCDF-4 file; needs the extra `netcdf`.

        Parameters
        ----------
        path : str or pathlib.Path
            Its file.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").to_netcdf("plan.nc").name
        'plan.nc'
        """
        from kctopt.exchange.netcdf import write_netcdf

        return write_netcdf(self, checked_place("path", path, "the netCDF file"))

    def compare(self, *others: Result) -> Comparison:
        """This result as BASE against others; changes are OTHER less BASE.

        Parameters
        ----------
        *others : Result
            What is compared with it.

        Returns
        -------
        Comparison
            With a pair for each other.

        Examples
        --------
        >>> import kctopt
        >>> result = kctopt.open("runs/baseline")
        >>> len(result.compare(result).pairs)
        1
        """
        from kctopt.api.comparison import compare

        return compare(self, *others)

    def save(self, target: str | Path) -> Path:
        """Save as a new run folder.

        Parameters
        ----------
        target : str or pathlib.Path
            The folder; `target-2`, … if that exists.

        Returns
        -------
        pathlib.Path
            Where it went.

        Raises
        ------
        WriteError
            Where it cannot be written; `kept` of the error is where it was put instead.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").save("again").name
        'again'
        """
        place = self.saved(target).run_dir
        assert place is not None  # saved sets it
        return place

    def saved(self, target: str | Path) -> Result:
        """Save as `save` does.

        Parameters
        ----------
        target : str or pathlib.Path
            The folder.

        Returns
        -------
        Result
            This result with its folder and the time that writing took.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("runs/baseline").saved("twice").run_dir.name
        'twice'
        """
        from kctopt.result.run import save

        place, seconds = save(self, checked_place("target", target, "the folder for the run"))
        return replace(self, run_dir=place, seconds=seconds)
