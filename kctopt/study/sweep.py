"""A sweep: every member of a study re-optimised with proof, by any executor, kept in one file as members end.

Tables do not depend on the executor, on the number of workers, or on the order in which members end: how these are
handed out is in sweeping.py.
"""

from __future__ import annotations

from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.arguments import checked_formats, checked_place
from kctopt.language import checked_lang
from kctopt.study import analyses, answers, held
from kctopt.study.executors import executor_of
from kctopt.study.records import Draws, Study
from kctopt.study.store import Store
from kctopt.study.sweeping import Sweeping, tasks_of
from kctopt.study.swept import Swept

if TYPE_CHECKING:
    import pandas
    import xarray

    from kctopt.study.compared_text import SweepComparison
    from kctopt.study.plots.access import SweepPlots


class Sweep(Swept):
    """A study's members as they ended, read from its file.

    Parameters
    ----------
    path : pathlib.Path
        The file that `kctopt.sweep` or `kctopt sweep` wrote.

    Examples
    --------
    >>> import kctopt
    >>> sweep = kctopt.open("studies/tight.duckdb")
    >>> str(sweep.status), len(sweep.members)
    ('complete', 2)
    """

    sensitivity, discover, stability = analyses.sensitivity, analyses.discover, analyses.stability
    regret, analyse = held.regret, answers.analyse

    @property
    def plot(self) -> SweepPlots:
        """The figures, one method each: `sweep.plot.fan()`; needs the extra `report`."""
        from kctopt.study.plots.access import SweepPlots

        return SweepPlots(self)

    def report(self, path: str | Path, format: str = "", lang: str = "en") -> Path:
        """Write the report of the study: how its worlds ended, what came of them, what the answer hangs on.

        Parameters
        ----------
        path : str or pathlib.Path
            Its file; where it exists, one beside it (`-2`, `-3`, …) is written.
        format : str, optional
            `html`, `pdf`, `docx` or `pptx`; by the suffix of `path` if it is not given.
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        UsageError
            For another format.
        MissingExtra
            Without the extra `report`.
        WriteError
            Where it cannot be written.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("studies/tight.duckdb").report("worlds.html").name
        'worlds.html'
        """
        from kctopt.report.write import FORMATS, by_suffix
        from kctopt.study.firm import study_report

        place, asked = checked_place("path", path, "the report's file"), checked_formats(format, FORMATS)
        stem, chosen = by_suffix(place, asked)
        return study_report(self, stem, chosen, checked_lang(lang))[1][0]

    def compare(self, other: Sweep) -> SweepComparison:
        """This study as BASE beside another; changes are OTHER less BASE.

        Parameters
        ----------
        other : Sweep
            As `kctopt.open` returns it.

        Returns
        -------
        SweepComparison
            Inputs, members by status, members with the same draw, outcomes, allocation.

        Raises
        ------
        UsageError
            Where no scenario of one is in the other.

        Examples
        --------
        >>> import kctopt
        >>> sweep = kctopt.open("studies/tight.duckdb")
        >>> sweep.compare(sweep).matched[0].both
        1
        """
        from kctopt.study.compared_text import compare

        return compare(self, other)

    def to_excel(self, path: str | Path, lang: str = "en") -> Path:
        """Write one Excel workbook with quantiles and members; needs the extra `excel`.

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
        >>> kctopt.open("studies/tight.duckdb").to_excel("tight.xlsx").name
        'tight.xlsx'
        """
        from kctopt.study.sweep_excel import to_excel

        return to_excel(self, checked_place("path", path, "the workbook's file"), lang)

    def to_iamc(
        self, region: str = "China", *, scenario: str | None = None, cny_per_usd: float | None = None
    ) -> pandas.DataFrame:
        """The study as IAMC variables, each quantile over its members a scenario.

        Parameters
        ----------
        region : str, default "China"
            Name of the region.
        scenario : str, optional
            Name before the quantile; by default the study's.
        cny_per_usd : float, optional
            Tells money in USD at that rate.

        Returns
        -------
        pandas.DataFrame
            Columns model, scenario, region, variable, unit, year and value; empty where no member has a plan.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("studies/tight.duckdb").to_iamc()["scenario"].unique().tolist()[2]
        'tight p50'
        """
        from kctopt.exchange.iamc import Naming
        from kctopt.study.sweep_iamc import to_iamc

        return to_iamc(self, Naming(region, scenario, cny_per_usd))

    def to_xarray(self) -> xarray.Dataset:
        """The study as a Dataset with a dimension `member`; needs the extra `netcdf`.

        Returns
        -------
        xarray.Dataset
            By member, year, domain, line, track and plan.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.open("studies/tight.duckdb").to_xarray().sizes["member"]
        2
        """
        from kctopt.study.sweep_netcdf import to_xarray

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
        >>> kctopt.open("studies/tight.duckdb").to_netcdf("tight.nc").name
        'tight.nc'
        """
        from kctopt.study.sweep_netcdf import write_netcdf

        return write_netcdf(self, checked_place("path", path, "the netCDF file"))


def run(
    study: Study, draws: Draws, path: Path, *, gap: float, time_limit: float | None, fail_fast: bool,
    executor: Executor | None, name: str, workers: int,
) -> Sweep:  # fmt: skip
    """Solve the members of a study that its file lacks; an interrupt ends the sweep with what is there."""
    tasks, places = tasks_of(study, draws, gap)
    interrupted, failed = False, None
    with Store(path, write=True) as store:
        store.begin(study, draws, places, gap)
        known = store.known(time_limit)
        left = {task.member: task for task in tasks if task.member not in known}  # the same content is solved once
        sweeping = Sweeping(store, study, list(left.values()), gap, time_limit, fail_fast)
        try:
            if executor is not None:
                sweeping.run(executor, None)
            elif left:
                with executor_of(name, min(workers, len(left))) as (own, another):
                    sweeping.run(own, another)
        except KeyboardInterrupt:
            interrupted = True
        failed = sweeping.failed
    return Sweep(path, interrupted, failed)
