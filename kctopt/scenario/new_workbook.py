"""A new input workbook: a scenario laid out for editing in a spreadsheet, with drop-downs, limits and notes.

Every value of the parent is on it; `workbook.py` reads back what was edited. Written with xlsxwriter.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kctopt.errors import Fault, ScenarioErrors
from kctopt.extras import need
from kctopt.language import ENGLISH, LANGUAGES, Texts, translate, within
from kctopt.scenario.bundled import bundled_scenarios
from kctopt.scenario.chinese import choice_names, field_meaning, field_name, unit_name
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.files import called
from kctopt.scenario.load import load
from kctopt.scenario.record import PositiveSeries, Record, Series, ShareSeries
from kctopt.scenario.records import Scenario
from kctopt.scenario.sheets import (
    FIRST_ROW,
    HEAD,
    HOW,
    KEY_ROW,
    MARK,
    SHEETS,
    SWITCH,
    WRITTEN,
    column_path,
    naming,
    row_path,
    series,
    settings,
    table_columns,
)
from kctopt.table import workbook, write_cell

SPARE = 40  # empty rows with drop-downs under each table
LONGEST_LIST = 250  # letters of a drop-down that stands in the file itself
COLUMNS: Texts = {
    "key": "what",
    "value": "value",
    "path": "path",
    "meaning": "meaning",
    "unit": "unit",
    "all": within("new workbook", "all years"),
    "how": within("new workbook", "how"),
    "base": "base",
}
NOTES: Texts = {  # of the sheet of variants
    "rule": "rule on the sheet of policies: on or off",
    "path": "any path: lines[domain=quantum].growth, budget.2030, policies[chips-floor] (on, off), "
    "policies[chips-floor].amount",
    "how": "empty or set: the cell is the value; scale: the base times it; add: the base plus it",
    "variant": "name of the first variant, such as tight; kctopt solve FILE.xlsx solves them all",
}
LEVERS = (  # what variants often differ in, and how
    ("budget", "scale"),
    ("controls.intensity", "set"),
    ("rival.growth_shift", "set"),
    ("knowledge.yield_factor", "set"),
    ("stages", "set"),
)
VARIANTS = 6  # empty columns
HEAD_EN = {
    "extends": "scenario it starts from: bundled name or path beside this file; several joined by ';'",
    "name": "name in results; the file's name when left out",
    "label.en": "title in English",
    "label.zh": "title in Chinese",
    "intent": "one sentence: what this scenario asks",
}


def write_workbook(target: Path, parent: str = "baseline", lang: str = "en") -> Path:
    """Write an input workbook that extends `parent`, a bundled name or a path; returns its path.

    Raises ScenarioErrors when the parent has faults or `target` is there already, MissingExtra without xlsxwriter,
    WriteError where it cannot be written.
    """
    need(["new xlsx"])  # before the parent is read
    scenario = load(parent).scenario
    extends = parent if parent in bundled_scenarios() else _relative(parent, target.parent)
    if target.exists():
        raise ScenarioErrors([Fault(called(target.resolve()), None, None, "", "is there already", "choose a new name")])
    with workbook(target, "new xlsx", replace=False) as book:
        _BookWriter(book, scenario, lang).write(extends, target.stem)
    return target


def _relative(parent: str, folder: Path) -> str:
    return Path(os.path.relpath(Path(parent).resolve(), folder.resolve())).as_posix()


class _BookWriter:
    """Writes the sheets of one workbook and keeps what was written by path."""

    def __init__(self, book: Any, scenario: Scenario, lang: str) -> None:
        self.book, self.scenario, self.lang = book, scenario, lang
        self.written: dict[str, Any] = {}
        base = {"valign": "top"}
        grey = {**base, "font_color": "#7f7f7f", "font_size": 8}
        self.style = {
            "mark": book.add_format({"font_color": "#bfbfbf", "font_size": 8}),
            "about": book.add_format({"bold": True}),
            "key": book.add_format(grey),
            "head": book.add_format({**base, "bold": True, "bg_color": "#dce6f1", "bottom": 1, "text_wrap": True}),
            "id": book.add_format({**base, "font_color": "#595959"}),
            "text": book.add_format({**base, "text_wrap": True}),
            "edit": book.add_format({**base, "bg_color": "#fff9e0", "border": 1, "border_color": "#d9d9d9"}),
            "wrap": book.add_format(
                {**base, "bg_color": "#fff9e0", "border": 1, "border_color": "#d9d9d9", "text_wrap": True}
            ),
        }

    def write(self, extends: str, name: str) -> None:
        """All sheets, then the hidden record."""
        self.head(extends, name)
        self.settings()
        self.years()
        for key in SHEETS:
            if key in ("policies", "changes", "sources") or self.entries(key):
                self.table(key)
            elif key == "variants":
                self.variants()
        hidden = self.book.add_worksheet(WRITTEN)
        hidden.very_hidden()
        for row, (path, value) in enumerate(self.written.items()):
            hidden.write_string(row, 0, path)
            write_cell(hidden, row, 1, value)

    def head(self, extends: str, name: str) -> None:
        """What the scenario asks."""
        sheet = self.sheet("scenario", ["key", "meaning", "value"], [14, 44, 70])
        given = {"extends": extends, "name": name}
        for row, key in enumerate(HEAD, start=FIRST_ROW - 1):
            sheet.write_string(row, 0, key, self.style["key"])
            sheet.write_string(row, 1, field_meaning(key, self.lang) or HEAD_EN[key], self.style["text"])
            sheet.write_string(row, 2, given.get(key, ""), self.style["wrap"])
        if names := _list(bundled_scenarios()):  # a path may be typed too
            sheet.data_validation(FIRST_ROW - 1, 2, FIRST_ROW - 1, 2, names | {"show_error": False})

    def settings(self) -> None:
        """Single values outside the tables."""
        sheet = self.sheet("settings", ["path", "meaning", "value", "unit"], [30, 62, 16, 18])
        for row, (path, kind) in enumerate(settings().items(), start=FIRST_ROW - 1):
            sheet.write_string(row, 0, path, self.style["key"])
            sheet.write_string(row, 1, self.meaning("", path, kind), self.style["text"])
            self.value(sheet, row, 2, path, _at(self.scenario, path), kind)
            sheet.write_string(row, 3, self.unit(kind), self.style["text"])
            self.rule(sheet, (row, row), 2, path, kind)
        sheet.freeze_panes(FIRST_ROW - 1, 1)

    def years(self) -> None:
        """Series by year."""
        horizon = self.scenario.horizon
        stated = [year for path in series() for year in _points(_at(self.scenario, path))]
        last = max([horizon.last_year, *stated])
        listed = [str(year) for year in range(min([horizon.base_year, *stated]), last + 1)]
        sheet = self.sheet("years", ["path", "meaning", "unit", "all", *listed], [26, 40, 16, 10, *[8] * len(listed)])
        for row, (path, kind) in enumerate(series().items(), start=FIRST_ROW - 1):
            sheet.write_string(row, 0, path, self.style["key"])
            sheet.write_string(row, 1, self.meaning("", path, kind), self.style["text"])
            sheet.write_string(row, 2, self.unit(kind), self.style["text"])
            value = _at(self.scenario, path)
            points = _points(value)
            constant = value.root if isinstance(value, Series) and not points else None
            self.value(sheet, row, 3, path, constant, kind)
            for column, year in enumerate(listed, start=4):
                self.value(sheet, row, column, f"{path}.{year}", points.get(int(year)), kind)
            for column in range(3, 4 + len(listed)):
                self.rule(sheet, (row, row), column, path, kind)
        sheet.freeze_panes(FIRST_ROW - 1, 1)

    def table(self, key: str) -> None:
        """A table of records, one a row, with spare rows to fill in."""
        columns, names = table_columns(key), naming(key)
        sheet = self.sheet(key, list(columns), [22 if kind.form == "text" else 12 for kind in columns.values()])
        entries = self.entries(key)
        last = FIRST_ROW - 1 + len(entries) + (0 if key in ("rungs", "quadrants", "modes") else SPARE)
        for column, (name, kind) in enumerate(columns.items()):
            sheet.write_comment(KEY_ROW, column, self.note(key, name, kind), {"x_scale": 1.6})
            self.rule(sheet, (FIRST_ROW - 1, last - 1), column, name, kind, table=key)
            for row in range(FIRST_ROW - 1, last):
                entry = entries[row - FIRST_ROW + 1] if row - FIRST_ROW + 1 < len(entries) else None
                value = None if entry is None else _field(entry, name)
                known = entry is not None and name in names
                path = "" if entry is None or known else f"{_path(key, entry)}.{column_path(name)}"
                self.value(sheet, row, column, path, value, kind, "id" if known else "edit")
        sheet.freeze_panes(FIRST_ROW - 1, len(names))

    def variants(self) -> None:
        """A column for each variant, all empty, beside the base's value of what is often varied."""
        kinds = settings() | series()
        columns = ["path", "meaning", "unit", "how", "base", *[""] * VARIANTS]
        sheet = self.sheet("variants", columns, [30, 44, 16, 9, 20, *[16] * VARIANTS])
        rows: list[tuple[str, str, Kind, str, Any]] = [("intent", "", Kind("text"), "", "")]
        rows += [(path, how, kinds[path], self.unit(kinds[path]), _at(self.scenario, path)) for path, how in LEVERS]
        rows += [(f"policies[{rule.id}]", "", Kind("flag"), "", True) for rule in self.scenario.policies]
        last = FIRST_ROW - 1 + len(rows) + SPARE
        for column in range(5, 5 + VARIANTS):
            for row in (KEY_ROW - 1, *range(KEY_ROW, last)):
                sheet.write_blank(row, column, None, self.style["wrap" if row == FIRST_ROW - 1 else "edit"])
        for row, (path, how, kind, unit, value) in enumerate(rows, start=FIRST_ROW - 1):
            text = HEAD_EN.get(path, "") if self.lang == ENGLISH else field_meaning(path, self.lang)
            text = translate(NOTES["rule"], self.lang) if kind.form == "flag" else text or self.meaning("", path, kind)
            for column, cell in enumerate((path, text, unit, choice_names(HOW, self.lang).get(how, ""))):
                sheet.write_string(row, column, cell, self.style["key" if column == 0 else "text"])
            write_cell(sheet, row, 4, self.shown(value, kind), self.style["text"])
            if kind.form in ("flag", "choice"):  # the base of a rule can be switched too
                words = choice_names(SWITCH if kind.form == "flag" else kind.choices, self.lang).values()
                sheet.data_validation(row, 4 if kind.form == "flag" else 5, row, 4 + VARIANTS, _list(words))
        sheet.data_validation(FIRST_ROW, 3, last - 1, 3, _list(choice_names(HOW, self.lang).values()))
        for row, column, note in ((KEY_ROW, 0, "path"), (KEY_ROW, 3, "how"), (KEY_ROW - 1, 5, "variant")):
            sheet.write_comment(row, column, translate(NOTES[note], self.lang), {"x_scale": 2})
        sheet.freeze_panes(FIRST_ROW - 1, 1)

    def shown(self, value: Any, kind: Kind) -> Any:
        """A value of the base as a cell shows it: of a series by year its ends."""
        if kind.form == "flag":
            return choice_names(SWITCH, self.lang)[SWITCH[not value]]
        if points := _points(value):
            first, last = min(points), max(points)
            return f"{first}: {points[first]:g} … {last}: {points[last]:g}" if first < last else points[first]
        if kind.form == "choice":
            return choice_names(kind.choices, self.lang)[str(value)]
        return value.root if isinstance(value, Series) else value

    def entries(self, key: str) -> list[Record]:
        """Records of a table of the parent."""
        if key in ("scenario", "settings", "years", "changes", "variants", "sources"):
            return []
        return list(_at(self.scenario, key))

    def sheet(self, key: str, columns: list[str], widths: list[int]) -> Any:
        """A new sheet with its three rows of heading."""
        about = SHEETS[key]
        sheet = self.book.add_worksheet(about.name(self.lang))
        sheet.write_string(0, 0, MARK + key, self.style["mark"])
        sheet.write_string(0, 1, about.about(self.lang), self.style["about"])
        kinds = table_columns(key) if key not in ("scenario", "settings", "years", "variants") else {}
        for column, (name, width) in enumerate(zip(columns, widths, strict=True)):
            if name.isdigit():
                sheet.write_number(KEY_ROW - 1, column, int(name), self.style["key"])
                sheet.write_number(KEY_ROW, column, int(name), self.style["head"])
            elif name:
                sheet.write_string(KEY_ROW - 1, column, name, self.style["key"])
                sheet.write_string(KEY_ROW, column, self.title(key, name, kinds.get(name)), self.style["head"])
            sheet.set_column(column, column, width)
        if kinds:
            sheet.set_row(KEY_ROW, 48)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        return sheet

    def title(self, key: str, name: str, kind: Kind | None) -> str:
        """Name of a column with its unit."""
        if kind is None:
            return translate(COLUMNS[name], self.lang)
        text = field_name(key, name, self.lang)
        return text + LANGUAGES[self.lang].aside(self.unit(kind)) if kind.unit else text

    def note(self, key: str, name: str, kind: Kind) -> str:
        """Meaning, unit and limits of a column."""
        parts = [self.meaning(key, name, kind), self.unit(kind), _limits(kind)]
        return "\n".join(part for part in parts if part)

    def meaning(self, key: str, name: str, kind: Kind) -> str:
        """What a field means, in the language."""
        if self.lang == ENGLISH:
            return kind.meaning or name.replace("_", " ").replace(".", ": ")
        return field_name(key, name, self.lang)

    def unit(self, kind: Kind) -> str:
        """Unit of a field in the language."""
        return unit_name(kind.unit, self.lang)

    def value(self, sheet: Any, row: int, column: int, path: str, value: Any, kind: Kind, style: str = "edit") -> None:
        """A value in its cell, kept by its path; choices in the words of the language."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, self.style[style])
            return
        if path:
            self.written[path] = value
        shown = value
        if isinstance(value, bool):
            shown = translate("yes" if value else "no", self.lang)
        elif kind.form == "choice" and style == "edit":
            shown = choice_names(kind.choices, self.lang)[str(value)]
        write_cell(sheet, row, column, shown, self.style[style])

    def rule(self, sheet: Any, rows: tuple[int, int], column: int, name: str, kind: Kind, table: str = "") -> None:
        """Drop-down or limits of the cells of a column."""
        options = self.options(name, kind, table)
        if options and not (table and name in naming(table)):
            title = name[:32]
            about = self.note(table, name, kind)[:255]
            sheet.data_validation(rows[0], column, rows[1], column, options | {"input_title": title,
                                  "input_message": about, "ignore_blank": True})  # fmt: skip

    def options(self, name: str, kind: Kind, table: str) -> dict[str, Any]:
        """What xlsxwriter wants to know of a validation; nothing where any text will do."""
        reference = {"domain": "domains", "line": "lines", "source": "domains", "target": "domains"}.get(name, "")
        if reference and table in ("policies", "lines", "programmes", "spillovers"):
            return {"validate": "list", "source": self.range(reference), "error_type": "warning"}
        if name == "military.index":
            return _list([index.id for index in self.scenario.military.indices])
        if kind.form == "flag":
            return _list([translate(text, self.lang) for text in ("yes", "no")])
        if kind.form == "choice":
            return _list(choice_names(kind.choices, self.lang).values())
        if kind.form in ("number", "integer", "series") and table != "changes":
            whole = kind.form == "integer"
            error = "warning" if kind.optional else "stop"  # 'none' may be typed where a value is optional
            return {"validate": "integer" if whole else "decimal", "error_type": error, **_between(kind)}
        return {}

    def range(self, key: str) -> str:
        """The ids on a sheet, as a formula."""
        last = FIRST_ROW + len(self.entries(key)) + SPARE - 1
        return f"='{SHEETS[key].name(self.lang)}'!$A${FIRST_ROW}:$A${last}"


def _list(words: Iterable[str]) -> dict[str, Any]:
    listed = list(words)
    short = len(",".join(listed)) <= LONGEST_LIST
    return {"validate": "list", "source": listed} if short else {}


def _between(kind: Kind) -> dict[str, Any]:
    """Limits of a number as a validation."""
    bounds = dict(kind.bounds)
    if kind.series is not None and issubclass(kind.series, PositiveSeries):
        bounds = {"ge": 0, "le": 1} if issubclass(kind.series, ShareSeries) else {"ge": 0}
    elif kind.unit == "year" and not bounds:
        bounds = {"ge": 1900, "le": 2400}
    low, high = bounds.get("ge", bounds.get("gt")), bounds.get("le", bounds.get("lt"))
    if low is not None and high is not None:
        return {"criteria": "between", "minimum": low, "maximum": high}
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
    for key, value in bounds.items():
        return {"criteria": signs[key], "value": value}
    return {"criteria": "between", "minimum": -(10**9), "maximum": 10**9}


def _limits(kind: Kind) -> str:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    return ", ".join(f"{signs[key]} {value:g}" for key, value in kind.bounds)


def _at(scenario: Scenario, path: str) -> Any:
    """Value of a scenario by a path without lists."""
    here: Any = scenario
    for name in path.split("."):
        here = getattr(here, name)
    return here


def _points(value: Any) -> dict[int, float]:
    """Points of a series by year; none for a constant."""
    return value.root if isinstance(value, Series) and isinstance(value.root, dict) else {}


def _path(key: str, entry: Record) -> str:
    return row_path(key, tuple(str(getattr(entry, name)) for name in naming(key)))


def _field(entry: Record, column: str) -> Any:
    """Value of a column; defaults of a policy are left blank, lists joined."""
    if column in ("label_en", "label_zh"):
        return getattr(entry.label, column[-2:])  # type: ignore[attr-defined]  # records with a label
    if column not in type(entry).model_fields:
        return None
    value = getattr(entry, column)
    info = type(entry).model_fields[column]
    if "kind" in type(entry).model_fields and not info.is_required() and value == info.default:
        return None
    return ";".join(value) if isinstance(value, tuple) else value
