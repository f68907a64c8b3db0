"""`ensemble.plot`: figures of a fixed plan in many draws, which reports show too."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from kctopt.errors import UsageError, suggest
from kctopt.language import checked_lang
from kctopt.report.content import Figure
from kctopt.result.tables import main_type
from kctopt.scenario.records import TYPES, Scenario
from kctopt.study.designs import IndexMethod
from kctopt.study.discovery import cases_of, prim
from kctopt.study.indices import indices
from kctopt.study.plots import boxes, effects, fan, parallel
from kctopt.study.plots.words import say
from kctopt.study.plots.worlds import QUANTILES, Worlds, outcome_unit, outcome_words, titled

Fixed: TypeAlias = Any  # an Ensemble, whose module imports this package

PARTS = ("security", "economic", "military", "technology")
OBJECTIVE = "objective"


def _simulated(ensemble: Fixed) -> int:
    """How many draws were simulated; raises UsageError where none was."""
    count = int(ensemble.simulated.sum())
    if not count:
        raise UsageError(f"none of the {len(ensemble)} draws is one that a scenario can have; see ensemble.status")
    return count


def _landmarks(scenario: Scenario) -> list[int]:
    return [scenario.horizon.base_year, *(plan.last for plan in scenario.horizon.plans)]


def _table(ensemble: Fixed, names: list[str]) -> pd.DataFrame:
    """Quantiles of outcomes by year, to the last planned one."""
    table: pd.DataFrame = ensemble.quantiles(QUANTILES, names)
    table = table[table["year"] != ""]
    rows: pd.DataFrame = table[table["year"].astype(int) <= ensemble.scenario.horizon.last_year]
    return rows


def fans(ensemble: Fixed, lang: str, outcome: str | None = None) -> Figure:
    """National security and its parts by year; or one index of the nation."""
    scenario, count = ensemble.scenario, _simulated(ensemble)
    known = [name for name, axes in ensemble.labels.items() if list(axes) == ["year"]]
    if outcome is not None and outcome not in known:
        raise UsageError(f"no outcome {outcome!r} of the nation by year; {suggest(str(outcome), known)}")
    names = list(PARTS) if outcome is None else [outcome]
    table = _table(ensemble, names).rename(columns={"outcome": "key"})
    panels = [fan.Panel(name, outcome_words(name, None, "", lang)) for name in names]
    marks = _landmarks(scenario)
    words = {"title": scenario.label.text(lang), "count": f"{count:,}"}
    if outcome is None:
        frame = fan.Frame(title=say("points", lang))
        return fan.fan(
            table, panels, marks, lang, frame, say("fan_caption", lang, **words), say("fan_described", lang, **words)
        )
    words |= {"outcome": panels[0].title}
    frame = fan.Frame(columns=1, height=280, title=outcome_unit(outcome, lang))
    return fan.fan(table, panels, marks, lang, frame, say("fan_one", lang, **words),
                   say("fan_one_described", lang, **words))  # fmt: skip


def gap_fans(ensemble: Fixed, lang: str, caption: str = "gaps_held") -> Figure:
    """The gap of every line by year, a panel for each domain and type."""
    scenario, title = ensemble.scenario, ensemble.scenario.label.text(lang)
    _simulated(ensemble)
    drawn = int(ensemble.simulated[ensemble.kept["gap"]].sum())
    kinds = {line.id: main_type(line) for line in scenario.lines}
    homes = {line.id: line.domain for line in scenario.lines}
    table = _table(ensemble, ["gap"])
    table = table.assign(key=[f"{homes[line]} {kinds[line]}" for line in table["line"]])
    labels = {line.id: line.label.text(lang) for line in scenario.lines}
    table["line"] = [labels[line] for line in table["line"]]
    shown = [kind for kind in TYPES if kind in kinds.values()]
    panels = [
        fan.Panel(
            f"{domain.id} {kind}",
            say("of_domain", lang, domain=domain.label.text(lang), type=outcome_words(kind, None, "", lang)),
            fan.type_colour(kind),
        )
        for domain in scenario.domains
        for kind in shown
    ]
    there = set(table["key"])
    marks = [scenario.horizon.base_year, scenario.horizon.last_year]
    frame = fan.Frame(
        "gaps" if caption == "gaps_held" else caption,
        columns=max(2, len(shown)),
        height=84,
        format="%",
        title=say("gap", lang),
        level=True,
    )
    words = {"title": title, "count": f"{drawn:,}"}
    shown_panels = [panel for panel in panels if panel.key in there]
    return fan.fan(table, shown_panels, marks, lang, frame, say(caption, lang, **words),
                   say("gaps_described", lang, **words))  # fmt: skip


def worlds(ensemble: Fixed, lang: str, outcome: str = OBJECTIVE, year: int | None = None) -> Worlds:
    """The draws with an outcome of the nation; of an index the last planned year where none is given."""
    scenario, title = ensemble.scenario, ensemble.scenario.label.text(lang)
    _simulated(ensemble)
    known = [name for name, axes in ensemble.labels.items() if list(axes) in ([], ["year"])]
    if outcome not in known:
        raise UsageError(f"no outcome {outcome!r} of the nation; {suggest(str(outcome), known)}")
    values = np.asarray(ensemble.values[outcome], dtype=float)
    if "year" in ensemble.labels[outcome]:
        years = [int(one) for one in ensemble.labels[outcome]["year"]]
        at = scenario.horizon.last_year if year is None else year
        if at not in years:
            raise UsageError(f"year {at} is none of {scenario.name}; {suggest(str(at), map(str, years))}")
        values = values[:, years.index(at)]
    elif year is not None:
        raise UsageError(f"{outcome} is of all years; leave out year=")
    else:
        at = None
    values = np.where(ensemble.simulated, values, np.nan)
    series = pd.Series(values, index=ensemble.inputs.index)
    return Worlds(
        lang, title, ensemble.inputs, series, outcome_words(outcome, at, "", lang), outcome_unit(outcome, lang)
    )


def tornado(ensemble: Fixed, lang: str, outcome: str = OBJECTIVE, year: int | None = None) -> Figure:
    """What moves an outcome, and in which direction."""
    return effects.tornado(worlds(ensemble, lang, outcome, year))


def index_bars(
    ensemble: Fixed, lang: str, outcome: str = OBJECTIVE, year: int | None = None, method: IndexMethod | None = None
) -> Figure:  # fmt: skip
    """Sensitivity indices of an outcome, by the method that fits the sample."""
    told = worlds(ensemble, lang, outcome, year).varied(least=1)
    status = pd.Series(np.where(told.known, "ok", "invalid"), index=told.draws.index)
    found = indices(told.draws, told.values, ensemble.draws.sample, method=method, status=status)
    return effects.bars(found, told.outcome, told.title, lang)


def box_scatter(
    ensemble: Fixed, lang: str, outcome: str = OBJECTIVE, year: int | None = None, *, below: float | None = None,
    above: float | None = None,
) -> Figure:  # fmt: skip
    """Cases over the two inputs that a box restricts most."""
    told = worlds(ensemble, lang, outcome, year)
    cases = cases_of(told.values, below=below, above=above)
    return boxes.scatter(
        prim(told.draws, cases), cases, told, boxes.told_threshold(told.outcome, below, above, lang)
    )  # fmt: skip


def lines(ensemble: Fixed, lang: str, outcome: str = OBJECTIVE, year: int | None = None) -> Figure:
    """Draws as lines through their inputs, coloured by an outcome."""
    return parallel.parallel(worlds(ensemble, lang, outcome, year))


class EnsemblePlots:
    """One method for each figure of a fixed plan in many draws; each returns an Altair chart.

    `outcome` is one of the nation, such as `objective` or `security`, then in `year` (the last planned one where none
    is given). Draws that no scenario could hold are left out (and drawn dashed by `parallel`). Each raises UsageError
    where there is nothing to draw, with the reason.

    Parameters
    ----------
    ensemble : Ensemble
        As `kctopt.simulate` returns it.

    Examples
    --------
    >>> import kctopt, pandas
    >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
    >>> ensemble.plot
    figures: fan, gaps, tornado, indices, boxes, parallel
    """

    NAMES = ("fan", "gaps", "tornado", "indices", "boxes", "parallel")

    def __init__(self, ensemble: Fixed) -> None:
        self._ensemble = ensemble

    def __repr__(self) -> str:
        return f"figures: {', '.join(self.NAMES)}"

    def _titled(self, figure: Figure, lang: str) -> Any:
        return titled(figure, self._ensemble.scenario.label.text(lang))

    def fan(self, outcome: str | None = None, *, lang: str = "en") -> Any:
        """National security and its three parts by year, or one index: median, middle half, middle 90 %."""
        return self._titled(fans(self._ensemble, checked_lang(lang), outcome), lang)

    def gaps(self, *, lang: str = "en") -> Any:
        """Gap of every line to the rival by year: median, middle half, middle 90 %."""
        return self._titled(gap_fans(self._ensemble, checked_lang(lang)), lang)

    def tornado(self, outcome: str = OBJECTIVE, year: int | None = None, *, lang: str = "en") -> Any:
        """Mean outcome where an input is in its lowest and in its highest fifth, less the mean of all draws."""
        return self._titled(tornado(self._ensemble, checked_lang(lang), outcome, year), lang)

    def indices(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, method: IndexMethod | None = None, lang: str = "en"
    ) -> Any:
        """Sensitivity indices with their intervals, by the method that fits the sample."""
        return self._titled(index_bars(self._ensemble, checked_lang(lang), outcome, year, method), lang)

    def boxes(
        self, outcome: str = OBJECTIVE, year: int | None = None, *, below: float | None = None,
        above: float | None = None, lang: str = "en",
    ) -> Any:  # fmt: skip
        """Draws beyond a threshold over the two inputs that a box of scenario discovery restricts most."""
        figure = box_scatter(self._ensemble, checked_lang(lang), outcome, year, below=below, above=above)
        return self._titled(figure, lang)

    def parallel(self, outcome: str = OBJECTIVE, year: int | None = None, *, lang: str = "en") -> Any:
        """Draws as lines through their inputs, coloured by the outcome."""
        return self._titled(lines(self._ensemble, checked_lang(lang), outcome, year), lang)
