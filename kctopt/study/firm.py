"""How firm an answer is over the worlds of a study: a chapter of a run's report, and a report of the study alone.

| part | of |
|---|---|
| how the worlds ended, national security by year, what planning is worth | the study |
| where the money goes, what must, may and never be funded | the study |
| plans held fixed: what that of the run gives, gaps by line; regret of runs and members' optima | run and study |
| what it hangs on: indices, tornado | the study |
| where it falls short: boxes, worlds as lines | the study |

What cannot be told or drawn of a study says why in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.errors import KctoptError, UsageError
from kctopt.language import ENGLISH, percent, translate
from kctopt.report.content import Block, Points, Section, Story, Text
from kctopt.report.write import files, prepare
from kctopt.result.result import Result
from kctopt.scenario.told import message_words
from kctopt.study.analyses import OBJECTIVE, discover, outcome_of, sensitivity
from kctopt.study.ensemble import Ensemble
from kctopt.study.firm_words import say
from kctopt.study.fixed_plan import simulate
from kctopt.study.held import draws_of, scenario_of
from kctopt.study.held import regret as regret_of
from kctopt.study.how_held import how_held
from kctopt.study.members import content_of
from kctopt.study.plans import unpacked
from kctopt.study.plots import effects, of_ensemble, of_sweep
from kctopt.study.plots.of_sweep import Told
from kctopt.study.plots.regret import heat
from kctopt.study.plots.words import say as plot_word
from kctopt.study.plots.worlds import outcome_words, quantiles_of, share_columns
from kctopt.study.shown import METHODS
from kctopt.study.stability import rank_stability
from kctopt.study.sweep_excel import about_quantiles
from kctopt.study.swept import Swept
from kctopt.study.words import sentences
from kctopt.table import Table, column

SECURITY = "security"
POOR = 0.25  # of the worlds, that boxes are asked of
TOP = 3  # ranks that are asked of
OPTIMA = 6  # of the members, held fixed beside the runs
PARTS = ("security", "economic", "military", "technology")


def chapter(sweep: Swept, results: Sequence[Result], lang: str = ENGLISH) -> list[Section]:
    """The chapter of a report on runs: how firm the answer is over the worlds of a study of the same scenario.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    results : sequence of Result
        The runs of the report; the first that is of a scenario of the study is held fixed in its worlds, with others
        that have a plan beside it.
    lang : str, default "en"
        Or `zh`.

    Returns
    -------
    list of Section
        The chapter, and its parts.

    Raises
    ------
    UsageError
        Where no run is of a scenario of the study.
    """
    names = list(dict.fromkeys(map(str, sweep.table("places")["scenario"])))
    found = next((result for result in results if result.scenario.name in names), None)
    if found is None:
        raise UsageError(
            f"{sweep.path} is a study of {', '.join(names)}, and no run is: give a run of the same scenario, or report "
            f"the study alone with `kctopt report {sweep.path}`"
        )
    parts = _Parts(sweep, found.scenario.name, lang, found, [one for one in results if one.has_plan])
    first, *more = parts.sections()
    below = [replace(one, id=f"worlds-{one.id}", level=3) for one in more]
    return [Section("worlds", say("title", lang), first.blocks), *below]


def study_story(sweep: Swept, lang: str = ENGLISH) -> Story:
    """The report of a study alone, scenario by scenario.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    lang : str, default "en"
        Or `zh`.

    Returns
    -------
    Story
        Its first section stands alone; slides are made of it.
    """
    names = list(dict.fromkeys(map(str, sweep.table("places")["scenario"])))
    sections = []
    for number, name in enumerate(names):
        for section in _Parts(sweep, name, lang).sections():
            title = section.title if len(names) == 1 else f"{name}: {section.title}"
            sections.append(replace(section, id=section.id + (f"-{number + 1}" if number else ""), title=title))
    label = sweep.label(lang)
    version = sweep.about["versions"].get("kctopt", "–")
    about = {"name": sweep.about["name"], "members": f"{len(sweep.members) + sweep.missing:,}", "version": version}
    return Story(lang, say("report_title", lang, title=label), say("subtitle", lang, **about), sections)


def study_report(sweep: Swept, target: Path, formats: Sequence[str], lang: str = ENGLISH) -> tuple[Story, list[Path]]:
    """Write the report of a study alone; returns what it tells, and the files.

    Raises UsageError for an unknown format, and for one that reports of studies do not have.
    """
    if "xlsx" in formats:
        raise UsageError(f"a study's workbook is written by `kctopt export {sweep.path} --to excel`; leave out xlsx")
    prepare((), formats, target)
    told = study_story(sweep, lang)
    return told, files(told, (), target, formats)


class _Parts:
    """The parts of what is told of one scenario of a study."""

    def __init__(
        self, sweep: Swept, scenario: str, lang: str, result: Result | None = None, plans: Sequence[Result] = ()
    ) -> None:
        self.sweep, self.scenario, self.lang = sweep, scenario, lang
        self.result = result if result is not None and result.has_plan else None
        self.plans = [] if self.result is None else [self.result, *(one for one in plans if one is not self.result)]

    def sections(self) -> Iterator[Section]:
        """All parts; the first alone where members are missing."""
        yield Section("summary", say("title", self.lang), list(self._worlds()))
        if self.sweep.missing:
            return
        parts: list[tuple[str, str, Callable[[], Iterator[Block]]]] = [
            ("plan", "money", self._money), ("held", "held", self._held), ("reasons", "hangs", self._hangs),
            ("short", "short", self._short),
        ]  # fmt: skip
        for id, key, blocks in parts:
            yield Section(id, say(key, self.lang), list(self._firmly(blocks)))

    def _firmly(self, blocks: Callable[[], Iterator[Block]]) -> Iterator[Block]:
        """Blocks, and in place of what cannot be told the reason."""
        try:
            yield from blocks()
        except KctoptError as error:
            yield self._why_not(error)

    def _try(self, block: Callable[[], Block]) -> Block:
        """A block, or the reason why there is none."""
        try:
            return block()
        except KctoptError as error:
            return self._why_not(error)

    def _why_not(self, error: KctoptError) -> Text:
        text = str(error)
        told = text if self.lang == ENGLISH else message_words(self.lang).told(text)
        return Text(say("not_drawn", self.lang, reason=told))

    @cached_property
    def told(self) -> Told:
        """Names and years."""
        return Told(self.sweep, self.scenario, self.lang)

    def _worlds(self) -> Iterator[Block]:
        """How many worlds, how they ended, what came of it."""
        sweep, lang = self.sweep, self.lang
        sample = sweep.about["sample"]
        about = {"name": sweep.about["name"], "draws": f"{len(sweep.draws):,}", "inputs": sweep.draws.shape[1]}
        yield Text(say("lead", lang, method=translate(METHODS[sample["method"]], lang), **about))
        lines = [" ".join(line.split()) for line in sweep.summary(lang, self.scenario).splitlines()]
        yield Points(lines)
        if sweep.missing:
            yield Text(say("missing", lang), "warning")
            return
        if self.result is not None and not self._same():
            yield Text(say("other_state", lang), "warning")
        yield from self._firmly(self._outcomes)

    def _outcomes(self) -> Iterator[Block]:
        """What came of the worlds with a plan."""
        lang, last = self.lang, self.told.last
        values = {name: self._values(name) for name in PARTS}
        points = [say("security", lang, year=last, **_span(values[SECURITY], ".1f"))]
        points.append(say("objective", lang, **_span(self._values(OBJECTIVE), ",.1f")))
        points += [self._planning(), *about_quantiles(self.sweep, lang, [self.scenario])]
        yield Points(points)
        columns = [column(say("index", lang)), *share_columns(".1f", lang)]
        rows = [(outcome_words(name, None, "", lang), *quantiles_of(values[name]).values()) for name in PARTS]
        yield Table(say("quantiles", lang, year=last), columns, rows)
        yield of_sweep.fans(self.told)
        yield self._try(lambda: of_sweep.gap_fans(self.told))

    def _values(self, outcome: str) -> Any:
        """An outcome of the worlds with a plan; of an index in the last planned year."""
        year = None if outcome == OBJECTIVE else self.told.last
        _, values = outcome_of(self.sweep, outcome, year, scenario=self.scenario)
        return values.dropna().to_numpy(dtype=float)

    def _planning(self) -> str:
        """What the best plan of each world is worth beyond the base year's shares there."""
        try:
            held = self._in_worlds
        except KctoptError as error:
            return self._why_not(error).text
        shares = held.outcomes["objective"] - held.outcomes["value_of_planning"]
        worth = (self.told.members["objective"] - shares).dropna()
        return say("planning", self.lang, **_span(worth.to_numpy(dtype=float), ",.1f"))

    def _same(self) -> bool:
        """Whether the scenario of the study is that of the run; False where the file does not say."""
        assert self.result is not None
        try:
            return content_of(scenario_of(self.sweep, self.scenario)) == content_of(self.result.scenario)
        except UsageError:
            return False

    @cached_property
    def _in_worlds(self) -> Ensemble:
        """The plan of the run, else that of some member, in every world."""
        asked = ["gap", "value_of_planning"]
        if self.result is not None:
            return simulate(self.result, self.result.scenario, draws=draws_of(self.sweep), outcomes=asked)
        scenario, plans = scenario_of(self.sweep, self.scenario), self.sweep.table("plans")
        content = plans.loc[plans["scenario"] == self.scenario, "content"].iloc[0]
        return simulate(unpacked(bytes(content)), scenario, draws=draws_of(self.sweep), outcomes=asked)

    def _held(self) -> Iterator[Block]:
        """Plans held fixed in these worlds: what that of the run gives, and what each loses."""
        lang = self.lang
        if self.result is not None:
            held, name = self._in_worlds, self.result.scenario.label.text(lang)
            yield Text(say("held_lead", lang, run=name))
            outcomes = held.outcomes[held.simulated]
            kept = percent(float(held.lawful.mean()), lang, ".0f")
            yield Points([
                *sentences(how_held([held], held.hold), lang),
                say("held_security", lang, year=self.told.last, **_span(outcomes[SECURITY].to_numpy(), ".1f")),
                say("held_kept", lang, share=kept, draws=f"{len(held):,}"),
                say("held_planning", lang, **_span(outcomes["value_of_planning"].to_numpy(), ",.1f")),
            ])  # fmt: skip
            yield self._try(lambda: of_ensemble.gap_fans(held, lang))
        found = regret_of(self.sweep, plans=self.plans, optima=OPTIMA, scenario=self.scenario)
        yield Text(say("regret_lead", lang))
        yield Points(found.sentences(lang))
        yield heat(found.measures.regret, self.told.title, plot_word("points", lang), lang)

    def _money(self) -> Iterator[Block]:
        """Where the money goes, and what every world funds."""
        for key, by in (("ranks", ("domain",)), ("cells", ("domain", "type"))):
            yield Text(say(key, self.lang))
            yield self._try(lambda by=by: Points(self._ranks(by)))  # type: ignore[misc]
            yield of_sweep.bands(self.told, "_".join(by))

    def _ranks(self, by: tuple[str, ...]) -> list[str]:
        """Ranks and verdicts over the plans, by what people call domains and types."""
        told, lang = self.told, self.lang
        money = told.money[told.money["draw"].isin(told.planned)]
        money = money.assign(
            domain=[told.name("domain", str(one)) for one in money["domain"]],
            type=[outcome_words(str(one), None, "", lang) for one in money["type"]],
        )
        items = len(money[list(by)].drop_duplicates())
        if items < 2:
            return [say("one_item", lang)]
        found = rank_stability(money, by=by, top=min(TOP, items - 1), amount="amount", member="draw")
        if (found.table["verdict"] == "must").all():  # a list of all says nothing
            told_notes = [note for note in found.notes if note.key != "must"]
            return [*(note.said(lang) for note in told_notes), say("all_funded", lang)]
        return found.sentences(lang)

    def _hangs(self) -> Iterator[Block]:
        """The inputs that matter."""
        lang, told = self.lang, self.told
        try:
            found = sensitivity(self.sweep, scenario=self.scenario)
        except KctoptError as error:
            yield self._why_not(error)
        else:
            yield Points(found.sentences(lang))
            if found.table.notna().to_numpy().any():  # else the sentence says that the outcome is the same everywhere
                yield effects.bars(found, outcome_words(OBJECTIVE, None, "", lang), told.title, lang)
        yield self._try(lambda: of_sweep.tornado(told, SECURITY))

    def _short(self) -> Iterator[Block]:
        """The worlds in which national security is lowest."""
        lang, told = self.lang, self.told
        worlds = told.worlds(SECURITY, None, None)
        worlds.varied()
        limit = float(worlds.values.quantile(POOR))
        yield Text(say("short_lead", lang, year=told.last, value=f"{limit:.1f}"))
        found = discover(self.sweep, SECURITY, told.last, below=limit, scenario=self.scenario)
        yield Points(found.sentences(lang))
        yield self._try(lambda: of_sweep.box_scatter(told, SECURITY, below=limit))
        yield self._try(lambda: of_sweep.lines(told, SECURITY))


def _span(values: Any, form: str) -> dict[str, str]:
    """Median and the ends of the middle nine tenths."""
    low, mid, high = np.quantile(values, (0.05, 0.5, 0.95))
    return {"low": format(low, form), "mid": format(mid, form), "high": format(high, form)}
