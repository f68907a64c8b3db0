"""Answers as the page shows them: plain data, every text and number written in the reader's language.

Figures are the specs of the report's figures, with the table that stands below each; what moves is told by the records
of a comparison. The page only puts them in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any

from kctopt.analysis.diagnosis_text import text as diagnosis_text
from kctopt.api.diagnosis import Diagnosis
from kctopt.api.result import Result
from kctopt.comparison.comparable import refusals, refused
from kctopt.comparison.indices import index_changes, objective_change
from kctopt.comparison.movers import Move, moves
from kctopt.errors import KctoptError, ScenarioErrors, UsageError
from kctopt.explore.explorer import Explorer, Held
from kctopt.explore.saving import Saved
from kctopt.explore.state import State, stated
from kctopt.explore.study import Brush, OpenStudy
from kctopt.explore.words import ANSWER, GROUPS, NAMES, PAGE
from kctopt.language import ENGLISH, LANGUAGES, Texts, money, money_number, percent, translate
from kctopt.report import pictures
from kctopt.report.catalogue import FIGURES, title_of
from kctopt.report.content import Figure
from kctopt.report.question import policy_text
from kctopt.report.view import View
from kctopt.report.worth import priced, rule_words
from kctopt.result.text import INDICES, WORDS, gap_text
from kctopt.scenario.records import TYPES
from kctopt.scenario.told import message_words, told_fault
from kctopt.table import Cell, Table, column

QUICK = ("allocation", "security", "gaps")  # figures that are drawn of a plan held fixed too, while the other is sought
MOVERS = 10
NAMED = 4  # rules named of those that a plan held fixed breaks

Data = dict[str, Any]


class Telling:
    """What is told of one explorer in one language; `against` is the plan that others are held against."""

    def __init__(self, explorer: Explorer, lang: str, against: Result | None = None) -> None:
        self.explorer, self.lang = explorer, lang
        self.against = explorer.base if against is None else against
        self.base = View(self.against, lang)

    def word(self, key: str, table: Texts = ANSWER, **values: object) -> str:
        """A text of the explorer's tables, filled."""
        return translate(table[key], self.lang, **values)

    def searching(self, objective: str, bound: str, gap: str) -> str:
        """How far a solve is."""
        return self.word("searching", objective=objective, bound=bound, gap=gap)

    def page(self, folder: str) -> Data:
        """All that the page needs before its first answer."""
        scenario = self.against.scenario
        words = {key: translate(text, self.lang) for key, text in PAGE.items()} | {"save_folder": ""}
        if folder:
            words["save_folder"] = self.word("save_folder", PAGE, folder=folder)
        return {
            "lang": self.lang, "langs": list(LANGUAGES), "words": words,
            "colon": LANGUAGES[self.lang].colon, "html": LANGUAGES[self.lang].html,
            "base": {"name": scenario.name, "title": self.base.title, "asks": scenario.asks(self.lang)},
            "levers": [asdict(lever) for lever in self.explorer.levers.all(self.lang)],
            "heads": {key: self.word(key) for key in ("held", "planned", "compare")},
            "names": {lang: translate(NAMES[lang], lang) for lang in LANGUAGES},
            "groups": {key: translate(text, self.lang) for key, text in GROUPS.items()},
            "grades": {"assumption": self.word("assumption", PAGE)},
            "policies": [
                {"id": policy.id, "text": policy_text(self.base, policy), "fields": stated(policy)}
                for policy in scenario.policies
            ],
            "domains": [{"id": domain.id, "label": domain.label.text(self.lang)} for domain in scenario.domains],
            "types": [{"id": kind, "label": self.base.text(kind)} for kind in TYPES],
            "years": list(scenario.horizon.years),
            "figures": [{"name": name, "title": title_of(self.base, name)} for name in FIGURES],
            "folder": bool(folder), "study": self.explorer.study is not None,
        }  # fmt: skip

    def study(self) -> Data:
        """The members of the study that was opened, and its figures."""
        study = self._study
        members = study.members()
        count = len(study.swept.draws)
        heads = [self.word(key) for key in ("draw", "status")]
        return {
            "title": study.title(self.lang), "told": self.word("study_told", count=count, drawn=len(members)),
            "inputs": [
                {"name": name, "choices": ends} if isinstance(ends, list) else {"name": name, "ends": ends}
                for name, ends in study.inputs.items()
            ],
            "fan": figure(study.fan(self.lang)), "parallel": figure(study.parallel(self.lang)),
            "fan_all": self.word("fan_all"), "heads": [*heads, self.word("objective", WORDS), *study.inputs],
            "members": [
                {
                    "draw": one.draw, "values": dict(one.values),
                    "state": None if one.state is None else one.state.data,
                    "row": [
                        str(one.draw), self._ended(one.status),
                        "–" if one.objective is None else f"{one.objective:,.4f}",
                        *(f"{value:.6g}" if isinstance(value, float) else str(value) for value in one.values.values()),
                    ],
                }
                for one in members
            ],
        }  # fmt: skip

    def fan(self, brush: Brush) -> Data:
        """The fan chart of the members within a brush, and how many they are."""
        study = self._study
        found = study.fan(self.lang, brush)
        kept, count = len(study.kept(brush)), len(study.swept.draws)
        return {
            "told": self.word("study_kept", kept=kept, count=count) if found else self.word("study_none"),
            "fan": None if found is None else figure(found),
        }  # fmt: skip

    def _ended(self, status: str) -> str:
        """How a member ended."""
        return self.word(status, WORDS) if status in WORDS else self.word("unsolved")

    @property
    def _study(self) -> OpenStudy:
        if self.explorer.study is None:
            raise UsageError("this explorer has no study: start it with the file of one")
        return self.explorer.study

    def held(self, held: Held | None, figures: Sequence[str]) -> Data:
        """A plan held fixed: its value, the rules it breaks, its indices, the quick ones of the figures asked for."""
        if held is None:
            return {"note": self.word("held_none"), "head": [], "figures": []}
        view, base = View(held.result, self.lang), self.against
        note, broken = self.word("held_told"), held.broken
        if held.moved:
            note += view.space + self.word("held_adjusted", share=percent(held.moved, self.lang, ".2g"))
        if broken:
            rules = view.joined(list(dict.fromkeys(rule_words(view, rule) for rule in broken))[:NAMED])
            note += view.space + self.word("held_broken", count=len(broken), rules=rules)
        head = []
        if held.objective is not None and not refused(refusals(base, held.result), "objective"):
            delta = held.objective - (base.objective or 0.0)
            head = [self._item("objective", f"{held.objective:,.4f}", f"{delta:+,.2f}")]
        quick = [name for name in figures if name in QUICK]
        return {
            "note": note, "head": head, "broken": len(broken), "indices": self._indices(held, None),
            "figures": list(self._figures(view, quick)),
        }  # fmt: skip

    def planned(self, result: Result, held: Held | None, figures: Sequence[str], name: str = "") -> Data:
        """The re-optimised plan with its proof, beside the base and the plan held fixed."""
        told: Data = {"status": str(result.status), "head": list(self._head(result)), "row": self._row(result, name)}
        if not result.has_plan:
            return told | {"figures": [], "heads": self._row_heads()}
        view = View(result, self.lang)
        reasons = [refusal.reason for refusal in refusals(self.against, result)]
        note = self.word("not_subtracted", settings=view.joined(reasons)) if reasons else ""
        return told | {
            "note": note, "indices": self._indices(held, result), "movers": self._movers(result),
            "binding": self._binding(view), "figures": list(self._figures(view, figures)), "heads": self._row_heads(),
        }  # fmt: skip

    def worth(self, result: Result) -> Data:
        """The value of planning, which takes a simulation of its own."""
        value, base = result.value_of_planning, self.against.value_of_planning
        if value is None:
            return {"head": []}
        same = base is not None and result is not self.against
        delta = f"{value.value - base.value:+,.2f}" if same and base is not None else ""
        return {"head": [self._item("value", f"{value.value:,.4f}", delta)]}

    def diagnosis(self, found: Diagnosis, state: State) -> Data:
        """Which rules collide and by how much, and states in which one of them, or all, are loosened."""
        each = [
            member.alone_values for members in found.conflicts for member in members if member.alone_values
        ] if found.conflicts else []  # fmt: skip
        ways = [{step.path: step.to for step in steps} for steps in each]
        if len(found.repair_values) > 1:
            ways.append(found.repair_values)
        buttons = []
        for steps in ways:
            moved = state.with_values(steps)
            if moved is not None:
                texts = [self.word("enter", path=path, value=f"{to:g}") for path, to in steps.items()]
                text = self.word("all_of", steps=self.base.joined(texts)) if len(texts) > 1 else texts[0]
                buttons.append({"text": text, "state": moved.data})
        return {"lines": diagnosis_text(found, self.lang), "loosen": buttons}

    def faults(self, error: ScenarioErrors) -> Data:
        """What does not fit together, one fault a line."""
        told = [told_fault(fault, self.lang) for fault in error.faults]
        mark = LANGUAGES[self.lang]
        lines = [
            mark.colon.join(part for part in (fault.path, fault.message) if part)
            + (mark.semicolon + fault.hint if fault.hint else "")
            for fault in told
        ]
        return {"faults": lines}

    def error(self, error: KctoptError) -> str:
        """What went wrong."""
        said = str(error)
        return said if self.lang == ENGLISH else message_words(self.lang).told(said)

    def saved(self, saved: Saved, file: str) -> Data:
        """A file and what `kctopt solve` makes of it."""
        key = "saved_as" if saved.path is not None else "saved_download"
        told = self.word(key, PAGE, file=file)
        if saved.beside:
            told += self.base.space + self.word("saved_beside", files=self.base.joined(saved.beside))
        return {
            "file": file, "text": saved.text, "written": saved.path is not None,
            "head": [*self._head(saved.result), *self.worth(saved.result)["head"]],
            "told": told, "status": str(saved.result.status),
            "objective": saved.result.objective, "bound": saved.result.bound,
        }  # fmt: skip

    def _item(self, key: str, text: str, delta: str = "", within: bool | None = None) -> Data:
        """One number of the status line."""
        words = WORDS if key in WORDS else ANSWER
        mark = LANGUAGES[self.lang]
        parts = [minus(delta)] if delta else []
        parts += [] if within is None else [self.word("within" if within else "beyond")]
        aside = mark.aside(mark.clause.join(parts)).strip() if parts else ""
        return {"key": key, "label": self.word(key, words), "text": text, "delta": minus(delta), "aside": aside}

    def _head(self, result: Result) -> Iterator[Data]:
        """Status, objective, bound, gap, seconds, check."""
        yield self._item("status", self.word(str(result.status), WORDS))
        small = result.scenario.objective.kind == "min_budget"

        def shown(value: float) -> str:
            return money(value, self.lang, ",.4f") if small else f"{value:,.4f}"

        if result.objective is not None:
            base, delta, within = self.against, "", None
            if result is not base and not refused(refusals(base, result), "objective"):
                change = objective_change(base, result)
                delta, within = f"{change.delta:+,.2f}", change.within_gap
                delta = money(delta, self.lang) if small else delta
            yield self._item("objective", shown(result.objective), delta, within)
        if result.bound is not None:
            yield self._item("bound", shown(result.bound))
        if result.gap is not None:
            yield self._item("gap", gap_text(result.gap, self.lang))
        yield self._item("seconds", f"{result.seconds.get('total') or 0.0:.2f}")
        if result.has_plan:
            yield self._item("checked", self.word("verified" if result.verified else "unverified", WORDS))

    def _indices(self, held: Held | None, result: Result | None) -> Data:
        """Indices of the last planned year: the base, the plan held fixed, the new plan, the change."""
        base = self.against
        year = base.scenario.horizon.last_year
        subtract = result is not None and not refused(refusals(base, result), "indices")
        changes = {} if result is None else {
            change.index: change for change in index_changes(base, result, subtract)
            if change.year == year and not change.domain
        }  # fmt: skip
        rows: list[Sequence[Cell]] = []
        for name in INDICES:
            own = changes.get(name)
            fixed = None if held is None else held.result.index(name, year)
            within = "" if own is None or own.within_gap is None else "within" if own.within_gap else "beyond"
            rows.append((
                self.word(name, WORDS), base.index(name, year), fixed, None if own is None else own.other,
                None if own is None else own.delta, self.word(within) if within else "",
            ))  # fmt: skip
        heads = [self.word(key) for key in ("base", "held", "planned", "change")]
        columns = [column(self.word("index")), *(column(head, ",.2f") for head in heads[:3])]
        columns += [column(heads[3], "+,.2f"), column("")]
        return table(Table(self.word("indices", year=year), columns, rows))

    def _movers(self, result: Result) -> Data:
        """Money by domain, type and plan, the largest change first."""
        base, view = self.against, View(result, self.lang)
        subtract = not refused(refusals(base, result), "allocation")
        found = [move for move in moves(base, result, subtract) if not subtract or abs(move.delta or 0.0) > 5e-3]
        columns = [column(self.word("cell")), column(self.word("period"))]
        columns += [view.money_column(self.word(key)) for key in ("base", "planned")]
        columns.append(column(self.word("change"), "+,.1f"))
        rows: list[Sequence[Cell]] = [
            (
                view.cell(move.domain, move.type), view.plan(move.plan),
                *(None if amount is None else money_number(amount, self.lang) for amount in _three(move)),
            )
            for move in found[:MOVERS]
        ]  # fmt: skip
        title = self.word("movers") + LANGUAGES[self.lang].aside(view.text("money_axis"))
        return table(Table(title, columns, rows)) | ({} if rows else {"empty": self.word("nothing_moves")})

    def _binding(self, view: View) -> Data:
        columns = [column(view.text(name)) for name in ("rule", "in_year")]
        columns += [column(view.text("limit_column"), ",.2f"), column(view.text("price"), ".4g")]
        return table(Table(view.text("binding_table"), [*columns, column(view.text("price_unit"))], priced(view)))

    def _figures(self, view: View, names: Iterable[str]) -> Iterator[Data]:
        """Figures as specs of Vega-Lite, each with its table."""
        for name in names:
            if name in FIGURES:
                yield figure(getattr(pictures, name)(view))

    @cached_property
    def _domains(self) -> list[str]:
        return [domain.id for domain in self.against.scenario.domains]

    def _row_heads(self) -> list[str]:
        """Headings of the table of pinned plans."""
        year = self.against.scenario.horizon.last_year
        labels = [self.base.label("domains", domain) for domain in self._domains]
        return [
            self.word("name"), self.word("status"), self.word("objective", WORDS), self.word("gap", WORDS),
            self.word("security_in", year=year), *labels,
        ]  # fmt: skip

    def _row(self, result: Result, name: str) -> list[str]:
        """A plan as a row of the table of pinned plans; of domains their share of the money."""
        cells = [name, self.word(str(result.status), WORDS)]
        if not result.has_plan or result.objective is None:
            return [*cells, *["–"] * (3 + len(self._domains))]
        shares = {own.domain: own.share for own in result.domain_shares}
        share = self.base.share_column("")
        year = self.against.scenario.horizon.last_year
        gap = "–" if result.gap is None else gap_text(result.gap, self.lang)
        security = f"{result.index('security', year):.2f}" if year in result.scenario.horizon.all_years else "–"
        return [*cells, f"{result.objective:,.4f}", gap, security, *map(share.shown, map(shares.get, self._domains))]


def _three(move: Move) -> tuple[float | None, ...]:
    return move.base, move.other, move.delta


def table(given: Table) -> Data:
    """A table as the page draws it."""
    return {
        "title": given.title, "heads": given.heads, "numeric": [each.numeric for each in given.columns],
        "rows": list(given.shown()),
    }  # fmt: skip


def figure(given: Figure | None) -> Data:
    """A figure as the page draws it: its spec of Vega-Lite, and its numbers."""
    assert given is not None
    return {
        "name": given.name, "title": given.caption, "description": given.description,
        "spec": given.chart.to_dict(validate=False), "table": table(given.table),
    }  # fmt: skip


def minus(text: str) -> str:
    """A signed number with the sign that print has."""
    return text.replace("-", "−")
