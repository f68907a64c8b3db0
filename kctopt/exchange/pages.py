"""The sheets of a results workbook that people read, in their order, each with its charts beside the numbers.

Every row has its English key in a grey column, so that a formula or a program can find it in either language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from kctopt.exchange.amounts import by_plan, cell, programme_cost, spent
from kctopt.exchange.charts import Block, chart
from kctopt.exchange.words import SHEETS, heading, unit, word
from kctopt.language import LANGUAGES, money_number, plan_name, translate
from kctopt.result.fields import TABLES
from kctopt.result.folder import rows_of
from kctopt.result.sentences import Decision, decisions_of, told
from kctopt.result.tables import main_type, standing
from kctopt.scenario.chinese import MONEY_UNITS, choice_names, price_unit, shown_amount, shown_unit
from kctopt.scenario.records import TRACKS, TYPES
from kctopt.scenario.sourced import source_words
from kctopt.table import framed, printed_wide, write_rows

if TYPE_CHECKING:
    from kctopt.result.result import Result
    from kctopt.scenario.records import Label

PARTS = ("security", "economic", "military", "technology")
NATION = (
    *PARTS, "loss", "kct", "score_B", "score_A", "score_M", "score_S", "economy_ratio", "military_ratio",
)  # fmt: skip
COLOURS = {"far": "#f4cccc", "reach": "#fff2cc", "near": "#d9ead3"}
LISTED = {"number": "digits", "integer": "", "boolean": "plain", "string": "plain"}  # styles of cells by kind
SMALL = 1e-9  # a price below this is none


class Pages:
    """Writes the sheets of one result in one language."""

    def __init__(self, book: Any, result: Result, styles: dict[str, Any], lang: str) -> None:
        self.book, self.result, self.styles, self.lang = book, result, styles, lang
        self.scenario = result.scenario
        horizon = self.scenario.horizon
        self.planned = list(horizon.years)
        self.years = [horizon.base_year, *horizon.years]
        self.first_chart: dict[str, Callable[[], Any]] = {}  # drawn again on the summary

    def write(self) -> None:
        """All sheets; without a plan only what does not speak of one."""
        front = self.sheet("summary", (24, 30, 18, 14, 14, 14))
        if self.result.has_plan:
            self.allocation()
            self.yearly()
            self.indices()
            self.gaps()
            self.stages()
            if decided := decisions_of(self.result):
                self.decisions(decided)
            self.rules()
        self.assumptions()
        self.summary(front)

    def summary(self, sheet: Any) -> None:
        """What a planner reads first: the question, status, both bounds and the gap, indices, two charts."""
        result, plain = self.result, self.styles["plain"]
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)
        sheet.write_string(0, 0, self.label(self.scenario.label), self.styles["title"])
        row = 2
        for key, shown, style in self.facts():
            sheet.write_string(row, 0, key, self.styles["key"])
            sheet.write_string(row, 1, word(key, self.lang), plain)
            if isinstance(shown, str):
                sheet.write_string(row, 2, shown, plain)
            else:
                sheet.write_number(row, 2, shown, self.styles[style])
            row += 1
        if not result.has_plan:
            sheet.write_string(row + 1, 1, word("no_plan_here", self.lang), self.styles["bold"])
            return
        marks = [self.years[0], *(plan.last for plan in self.scenario.horizon.plans)]
        self.heads(sheet, row + 1, ["index"], marks)
        for offset, key in enumerate(PARTS, start=row + 2):
            values = [result.index(key, year) for year in marks]
            self.line(sheet, offset, key, [word(key, self.lang)], values, "one")
        for position, draw in enumerate(self.first_chart.values()):
            sheet.insert_chart(row + 8 + 18 * position, 1, draw())

    def facts(self) -> list[tuple[str, str | float, str]]:
        """Rows of the summary: key, what is shown, style of a number."""
        result, lang = self.result, self.lang
        value = "money4" if self.scenario.objective.kind == "min_budget" else "points4"
        versions = LANGUAGES[lang].comma.join(f"{name} {version}" for name, version in result.versions.items())
        checked = word("yes" if result.verified else "no", lang)
        numbers: list[tuple[str, float | None, str]] = [
            ("objective", self.worth(result.objective), value), ("bound", self.worth(result.bound), value),
            ("gap", result.gap, "gap"),
            *self.planning(),
            ("budget_scale", result.budget_scale, "share"), ("year", result.year, "year"),
            ("seconds", result.seconds.get("total"), "seconds"),
        ]  # fmt: skip
        return [
            ("scenario", self.scenario.name, ""),
            ("intent", self.scenario.asks(lang), ""),
            ("model", self.scenario.model, ""),
            ("planned", f"{self.planned[0]}-{self.planned[-1]}", ""),
            ("status", word(result.status, lang), ""),
            *([("checked", checked, "")] if result.has_plan else []),
            *[(key, number, style) for key, number, style in numbers if number is not None],
            ("created", result.created, ""),
            ("versions", versions, ""),
            *([("run", result.run_dir.name, "")] if result.run_dir is not None else []),
        ]

    def worth(self, value: float | None) -> float | None:
        """A value of the objective; a budget in the unit of money of the language."""
        cost = self.scenario.objective.kind == "min_budget"
        return money_number(value, self.lang) if cost and value is not None else value

    def planning(self) -> list[tuple[str, float | None, str]]:
        """Rows of the summary on the value of planning."""
        value = self.result.value_of_planning
        if value is None:
            return []
        numbers = {
            "trend": value.trend, "reference": value.reference, "unlawful": value.unlawful,
            "value_of_planning": value.value, "value_at_most": value.at_most,
        }  # fmt: skip
        numbers = {key: number for key, number in numbers.items() if key != "unlawful" or number is not None}
        return [(key, number, "points4") for key, number in numbers.items()]

    def allocation(self) -> None:
        """Domain by type by plan, then tracks by plan, with totals as formulas."""
        plans = [plan.id for plan in self.scenario.horizon.plans]
        named = [plan_name(plan, self.lang) for plan in plans]
        sheet = self.sheet("allocation", (26, 26, 18, *[12] * (len(plans) + 2)))
        self.about(sheet, "allocation")
        self.heads(sheet, 2, ["domain", "type"], [*named, word("total", self.lang), word("share", self.lang)])
        labels = {domain.id: self.label(domain.label) for domain in self.scenario.domains}
        rows = [
            (f"{domain.id}|{kind}", [self.label(domain.label), word(kind, self.lang)], amounts)
            for domain in self.scenario.domains
            for kind in TYPES
            if any(main_type(line) == kind for line in self.scenario.lines)
            if (amounts := [spent(self.result, self.lang, domain=domain.id, type=kind, plan=plan) for plan in plans])
        ]
        if self.scenario.programmes:
            rows += [
                (f"{domain.id}|programmes", [self.label(domain.label), word("programmes", self.lang)],
                 by_plan(self.scenario, programme_cost(self.result, self.lang, domain.id)))
                for domain in self.scenario.domains
            ]  # fmt: skip
        below = self.totals(sheet, 3, rows, 3)
        self.heads(sheet, below + 1, ["track", ""], [*named, word("total", self.lang), word("share", self.lang)])
        tracks = [
            (
                track,
                [word(track, self.lang), ""],
                [spent(self.result, self.lang, track=track, plan=plan) for plan in plans],
            )
            for track in TRACKS
        ]
        below = self.totals(sheet, below + 2, tracks, 3)
        marks = [
            word("plan", self.lang),
            str(self.years[0]),
            word("weight", self.lang),
            word("beyond_weight", self.lang),
        ]
        self.heads(sheet, below + 1, ["shares", ""], marks)
        for row, own in enumerate(self.result.domain_shares, start=below + 2):
            shares = [own.share, own.base_share, own.weight, own.beyond_weight]
            self.line(sheet, row, f"{own.domain}|share", [labels[own.domain], ""], shares, "share")
        sheet.freeze_panes(3, 3)

    def totals(self, sheet: Any, top: int, rows: Sequence[tuple[str, list[str], list[float]]], first: int) -> int:
        """Rows with their sum and share, and a row of sums, as formulas with their values; returns the next row."""
        whole = sum(sum(amounts) for _, _, amounts in rows)
        bottom, last = top + len(rows), first + len(rows[0][2])
        for row, (key, names, amounts) in enumerate(rows, start=top):
            self.line(sheet, row, key, names, amounts, "money")
            part = f"=IF({cell(bottom, last)}=0,0,{cell(row, last)}/{cell(bottom, last)})"
            sum_of = f"=SUM({cell(row, first)}:{cell(row, last - 1)})"
            sheet.write_formula(row, last, sum_of, self.styles["money"], sum(amounts))
            sheet.write_formula(row, last + 1, part, self.styles["share"], sum(amounts) / whole if whole else 0)
        sheet.write_string(bottom, 0, "total", self.styles["key"])
        sheet.write_string(bottom, 1, word("total", self.lang), self.styles["bold"])
        for column in range(first, last + 1):
            sums = [sum(amounts) if column == last else amounts[column - first] for _, _, amounts in rows]
            formula = f"=SUM({cell(top, column)}:{cell(bottom - 1, column)})"
            sheet.write_formula(bottom, column, formula, self.styles["money_total"], sum(sums))
        return bottom + 1

    def yearly(self) -> None:
        """Spend by domain and by track in every planned year, beside the budget, with stacked charts."""
        sheet = self.sheet("yearly", (22, 26, *[9] * len(self.planned)))
        self.about(sheet, "yearly")
        self.heads(sheet, 2, ["domain"], self.planned)
        row = 3
        for domain in self.scenario.domains:
            own = [spent(self.result, self.lang, domain=domain.id, year=year) for year in self.planned]
            values = (np.array(own) + programme_cost(self.result, self.lang, domain.id)).tolist()
            self.line(sheet, row, domain.id, [self.label(domain.label)], values, "money")
            row += 1
        domains = range(3, row)
        path = self.result.trajectory
        if path is not None and self.scenario.cooperation.change_cost and path.change_cost.any():
            costs = [money_number(cost, self.lang) for cost in path.change_cost.tolist()]
            self.line(sheet, row, "mode_changes", [word("mode_changes", self.lang)], costs, "money")
            row += 1
        budget = [
            money_number(amount, self.lang) for amount in self.scenario.budget.at(np.array(self.planned)).tolist()
        ]
        self.line(sheet, row, "budget", [word("budget", self.lang)], budget, "money_total")
        tracks = row + 3
        self.heads(sheet, tracks - 1, ["track"], self.planned)
        for offset, track in enumerate(TRACKS):
            values = [spent(self.result, self.lang, track=track, year=year) for year in self.planned]
            self.line(sheet, tracks + offset, track, [word(track, self.lang)], values, "money")
        name = translate(SHEETS["yearly"], self.lang)
        self.place(sheet, "money", tracks + 4, Block(name, 2, 1, 2, 1 + len(self.planned)), list(domains),
                   ("by_domain", "money_axis"), "stacked")  # fmt: skip
        self.place(sheet, "", tracks + 22, Block(name, tracks - 1, 1, 2, 1 + len(self.planned)),
                   list(range(tracks, tracks + 3)), ("by_track", "money_axis"), "stacked")  # fmt: skip
        sheet.freeze_panes(3, 2)

    def indices(self) -> None:
        """National indices by year, then those of the domains; a chart of national security and its parts."""
        table = self.result.columns("indices")
        sheet = self.sheet("indices", (24, 30, 24, 22, *[9] * len(self.years)))
        self.about(sheet, "indices")
        self.heads(sheet, 2, ["index", "domain", "unit"], self.years)
        pairs = list(dict.fromkeys(zip(table["index"].tolist(), table["domain"].tolist(), strict=True)))
        order = {key: place for place, key in enumerate(NATION)}
        pairs.sort(key=lambda pair: (pair[1] != "", order.get(pair[0], len(order)) if not pair[1] else 0))
        labels = {domain.id: self.label(domain.label) for domain in self.scenario.domains}
        for row, (key, domain) in enumerate(pairs, start=3):
            kept = (table["index"] == key) & (table["domain"] == domain) & ~table["after_plan"]
            names = [word(key, self.lang), labels.get(domain, word("nation", self.lang)),
                     unit(str(table["unit"][kept][0]), self.lang)]  # fmt: skip
            style = "ratio" if key.endswith("ratio") else "one"
            self.line(sheet, row, f"{key}|{domain}" if domain else key, names, table["value"][kept].tolist(), style)
        name = translate(SHEETS["indices"], self.lang)
        rows = [3 + pairs.index((key, "")) for key in PARTS]
        least = min(table["value"][np.isin(table["index"], PARTS) & ~table["after_plan"]])
        self.place(sheet, "security", len(pairs) + 5, Block(name, 2, 1, 4, 3 + len(self.years)), rows,
                   ("security_chart", "index_axis"), low=10 * float(np.floor(least / 10 - 0.5)))  # fmt: skip
        sheet.freeze_panes(3, 4)

    def gaps(self) -> None:
        """Relative gap of every line by year, a chart for each domain."""
        table = self.result.columns("capability")
        sheet = self.sheet("gaps", (26, 34, 24, *[9] * len(self.years)))
        self.about(sheet, "gaps")
        self.heads(sheet, 2, ["line", "domain"], self.years)
        labels = {domain.id: self.label(domain.label) for domain in self.scenario.domains}
        for row, line in enumerate(self.scenario.lines, start=3):
            values = table["gap"][(table["line"] == line.id) & ~table["after_plan"]].tolist()
            self.line(sheet, row, line.id, [self.label(line.label), labels[line.domain]], values, "share")
        block = Block(translate(SHEETS["gaps"], self.lang), 2, 1, 3, 2 + len(self.years))
        sheet.fit_to_pages(1, 1)
        top = len(self.scenario.lines) + 5
        for position, domain in enumerate(self.scenario.domains):
            rows = [3 + i for i, line in enumerate(self.scenario.lines) if line.domain == domain.id]
            if rows:
                title = word("gap_chart", self.lang).format(domain=labels[domain.id])
                made = chart(self.book, block, rows, title, word("gap_axis", self.lang), number="0%")
                sheet.insert_chart(top + 18 * (position // 2), 1 if position % 2 == 0 else 7, made)
        sheet.freeze_panes(3, 3)

    def stages(self) -> None:
        """Stage of every line by year, coloured; the band of its gap where stages do not switch."""
        table, place = self.result.columns("stages"), standing(self.scenario)
        sheet = self.sheet(place, (26, 34, *[11] * len(self.years)))
        self.about(sheet, place)
        self.heads(sheet, 2, ["line"], self.years)
        for row, line in enumerate(self.scenario.lines, start=3):
            sheet.write_string(row, 0, line.id, self.styles["key"])
            sheet.write_string(row, 1, self.label(line.label), self.styles["plain"])
            kept = table[place][(table["line"] == line.id) & ~table["after_plan"]].tolist()
            for column, stage in enumerate(kept, start=2):
                sheet.write_string(row, column, word(stage, self.lang), self.styles["plain"])
        area = (3, 2, 2 + len(self.scenario.lines), 1 + len(self.years))
        for stage, colour in COLOURS.items():
            look = self.book.add_format({"bg_color": colour})
            rule = {"type": "cell", "criteria": "==", "value": f'"{word(stage, self.lang)}"', "format": look}
            sheet.conditional_format(*area, rule)
        sheet.freeze_panes(3, 2)

    def decisions(self, decided: Sequence[Decision]) -> None:
        """Discrete decisions, a sentence each."""
        sheet = self.sheet("decisions", (16, 140))
        self.about(sheet, "decisions")
        for row, decision in enumerate(decided, start=2):
            sheet.write_string(row, 0, type(decision).__name__, self.styles["key"])
            sheet.write_string(row, 1, told(decision, self.scenario, self.lang), self.styles["wrap"])

    def rules(self) -> None:
        """Rules that bind or have a price, dearest first."""
        table = self.result.columns("constraints")
        price = np.nan_to_num(np.abs(table["price"]))
        kept = np.flatnonzero(table["binding"] | (price > SMALL))
        kept = kept[np.argsort(-price[kept], kind="stable")]
        names = [field.key for field in TABLES["constraints"]]
        shown = {name: table[name][kept] for name in names}
        shown["unit"] = self.named(shown["unit"], price_unit)
        self.listing("rules", "constraints", shown, (44, 18, 22))

    def assumptions(self) -> None:
        """Every value of the scenario with its source."""
        table = dict(self.result.columns("provenance"))
        for name in ("source", "parent_source"):
            table[name] = np.array([source_words(source, self.lang) for source in table[name]], dtype=object)
        money = np.isin(table["unit"].astype(str), MONEY_UNITS)
        for name in ("value", "parent_value"):
            shown = [shown_amount(*pair, self.lang) for pair in zip(table[name], table["unit"], strict=True)]
            table[name] = np.array(shown, dtype=object)
        for name in ("low", "high"):
            table[name] = np.where(money, money_number(1.0, self.lang), 1.0) * table[name]
        table["unit"] = self.named(table["unit"], shown_unit)
        names = choice_names(set(table["grade"].tolist()), self.lang)
        table["grade"] = np.array([names.get(grade, grade) for grade in table["grade"]], dtype=object)
        self.listing("assumptions", "provenance", table, (44, 14, 18, 60, 10, 12, 12, 12, 18, 44, 50, 50))

    def named(self, units: np.ndarray, called: Callable[[str, str], str]) -> np.ndarray:
        """Units in the language."""
        return np.array([called(unit, self.lang) for unit in units], dtype=object)

    def listing(self, key: str, table: str, columns: dict[str, Any], widths: Sequence[int]) -> None:
        """Rows of a tidy table for people."""
        sheet = self.sheet(key, [*widths, *[14] * (len(TABLES[table]) - len(widths))])
        self.about(sheet, key)
        for place, column in enumerate(TABLES[table]):
            sheet.write_string(1, place, column.key, self.styles["key"])
            sheet.write_string(2, place, heading(column, self.lang), self.styles["head"])
        styles = [self.styles.get(LISTED[column.kind]) for column in TABLES[table]]
        shown = [[self.plain(value) for value in row] for row in rows_of(table, columns)]
        write_rows(sheet, 3, shown, styles)
        framed(sheet, 2, max(3, len(shown) + 2), len(TABLES[table]) - 1)

    def plain(self, value: Any) -> Any:
        """A value for people: a flag as a word, no year as nothing."""
        if isinstance(value, bool):
            return word("yes" if value else "no", self.lang)
        return None if isinstance(value, int) and not value else value

    def sheet(self, key: str, widths: Sequence[int]) -> Any:
        """A new sheet in landscape, one page wide."""
        sheet = self.book.add_worksheet(translate(SHEETS[key], self.lang))
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        printed_wide(sheet)
        sheet.hide_gridlines(2)
        return sheet

    def about(self, sheet: Any, key: str) -> None:
        """What the sheet shows, in its first row."""
        sheet.write_string(0, 0, word(f"about_{key}", self.lang), self.styles["bold"])

    def heads(self, sheet: Any, row: int, names: Sequence[str], columns: Sequence[str | int]) -> None:
        """A heading: the grey column of keys, names, then years or plans."""
        sheet.write_string(row, 0, word("key", self.lang), self.styles["key_head"])
        for column, name in enumerate(names, start=1):
            sheet.write_string(row, column, word(name, self.lang) if name else "", self.styles["head"])
        for column, head in enumerate(columns, start=1 + len(names)):
            sheet.write(row, column, head, self.styles["head"])

    def line(self, sheet: Any, row: int, key: str, names: Sequence[str], values: Sequence[float], style: str) -> None:
        """A row of numbers behind its key and names."""
        sheet.write_string(row, 0, key, self.styles["key"])
        for column, name in enumerate(names, start=1):
            sheet.write_string(row, column, name, self.styles["plain"])
        for column, value in enumerate(values, start=1 + len(names)):
            if not np.isnan(value):
                sheet.write_number(row, column, value, self.styles[style])

    def place(
        self, sheet: Any, front: str, row: int, block: Block, rows: list[int], words: tuple[str, str],
        kind: Literal["line", "stacked"] = "line", low: float | None = None,
    ) -> None:  # fmt: skip
        """A chart below the numbers, and another of the same on the summary if it has a name there."""
        title, axis = (word(key, self.lang) for key in words)

        def draw() -> Any:
            return chart(self.book, block, rows, title, axis, kind, low=low)

        sheet.insert_chart(row, 1, draw())
        if front:
            self.first_chart[front] = draw

    def label(self, label: Label) -> str:
        """A label in the language."""
        return label.text(self.lang)
