"""`sweep.plot`: the figures of a study's members as Altair charts that show without the network."""

from __future__ import annotations

from typing import Any

from kctopt.language import checked_lang
from kctopt.study.analyses import OBJECTIVE
from kctopt.study.designs import IndexMethod
from kctopt.study.plots import of_sweep, regret
from kctopt.study.plots.worlds import titled
from kctopt.study.robustness import RegretMatrix
from kctopt.study.swept import Swept


class SweepPlots:
    """One method for each figure of a study's members; each returns an Altair chart that shows without the network.

    Members without a plan are left out (and drawn dashed by `parallel`). `outcome` is `objective` or a name of
    `sweep.outcomes`, then in `year` (the last planned one where none is given); `scenario` is needed where the study
    has several. Each raises UsageError where there is nothing to draw, with the reason.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.

    Examples
    --------
    >>> import kctopt
    >>> kctopt.open("studies/tight.duckdb").plot
    figures: fan, gaps, tornado, indices, boxes, parallel, money, regret
    """

    NAMES = ("fan", "gaps", "tornado", "indices", "boxes", "parallel", "money", "regret")

    def __init__(self, sweep: Swept) -> None:
        self._sweep = sweep

    def __repr__(self) -> str:
        return f"figures: {', '.join(self.NAMES)}"

    def _told(self, scenario: str | None, lang: str) -> of_sweep.Told:
        return of_sweep.Told(self._sweep, scenario, checked_lang(lang))

    def fan(
        self, outcome: str | None = None, *, domain: str | None = None, scenario: str | None = None, lang: str = "en"
    ) -> Any:
        """National security and its three parts by year, or one index, or `gap` of every line: median, middle 90 %."""
        told = self._told(scenario, lang)
        return titled(of_sweep.fans(told, outcome, domain), told.title)

    def gaps(self, *, scenario: str | None = None, lang: str = "en") -> Any:
        """Gap of every line to the rival by year, each world with its best plan: median, middle half, middle 90 %."""
        told = self._told(scenario, lang)
        return titled(of_sweep.gap_fans(told), told.title)

    def tornado(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, domain: str | None = None,
        scenario: str | None = None, lang: str = "en",
    ) -> Any:  # fmt: skip
        """Mean outcome where an input is in its lowest and in its highest fifth, less the mean of all worlds."""
        told = self._told(scenario, lang)
        return titled(of_sweep.tornado(told, outcome, year, domain), told.title)

    def indices(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, domain: str | None = None,
        scenario: str | None = None, method: IndexMethod | None = None, lang: str = "en",
    ) -> Any:  # fmt: skip
        """Sensitivity indices with their intervals, by the method that fits the sample."""
        told = self._told(scenario, lang)
        return titled(of_sweep.index_bars(told, outcome, year, domain, method), told.title)

    def boxes(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, below: float | None = None,
        above: float | None = None, domain: str | None = None, scenario: str | None = None, lang: str = "en",
    ) -> Any:  # fmt: skip
        """Worlds beyond a threshold over the two inputs that a box of scenario discovery restricts most."""
        told = self._told(scenario, lang)
        return titled(of_sweep.box_scatter(told, outcome, year, domain, below=below, above=above), told.title)

    def parallel(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, domain: str | None = None,
        scenario: str | None = None, lang: str = "en",
    ) -> Any:  # fmt: skip
        """Worlds as lines through their inputs, coloured by the outcome."""
        told = self._told(scenario, lang)
        return titled(of_sweep.lines(told, outcome, year, domain), told.title)

    def money(self, by: str = "domain", *, scenario: str | None = None, lang: str = "en") -> Any:
        """What each `domain`, `type` or both (`domain_type`) gets in each plan: median, middle half, middle 90 %."""
        told = self._told(scenario, lang)
        return titled(of_sweep.bands(told, by), told.title)

    def regret(self, matrix: RegretMatrix, *, scenario: str | None = None, lang: str = "en") -> Any:
        """What each plan of a regret matrix loses in each world (`kctopt.study.robustness.regret_matrix`)."""
        told = self._told(scenario, lang)
        return titled(regret.heat(matrix, told.title, "", lang), told.title)
