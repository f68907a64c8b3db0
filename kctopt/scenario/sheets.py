"""The sheets of an input workbook: what is on each, for the writer and the reader alike.

| row | content |
|---|---|
| 1 | what the sheet is: A1 holds its key, B1 a sentence for people |
| 2 | keys of the columns, English in every language |
| 3 | names of the columns, with units |
| 4 … | data |

A sheet is known by A1, a column by its key, so that both may be renamed, moved and sorted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from kctopt.scenario.field_kinds import Kind, fields, policy_fields
from kctopt.scenario.records import Record, Scenario, Source
from kctopt.scenario.sourced import PARENT_FIELDS
from kctopt.scenario.tables import LABELS, TABLES

MARK = "kctopt "  # in front of the key in A1
WRITTEN = "kctopt_written"  # hidden sheet: the values of the parent as they were written
KEY_ROW, FIRST_ROW = 2, 4
HEAD = ("extends", "name", "label.en", "label.zh", "intent")
POLICY_FIELDS = (
    "id", "kind", "domain", "type", "line", "lines", "track", "rung", "amount", "per", "years", "min", "max",
    "min_ratio", "max_dependency", "by", "soft", "price", "width",
)  # fmt: skip
NOT_SETTINGS = ("schema_version", "name", "label", "intent", "model", "model_sha256")
HOW = ("set", "scale", "add")
SWITCH = ("on", "off")  # of a rule in a variant
VARIANT_COLUMNS = {  # on the sheet of variants, with the words that may stand in row 2 in place of the keys
    "path": "路径", "meaning": "含义", "unit": "单位", "how": "方式", "base": "基准", "note": "备注",
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """One sheet: its key, its names, what to do with it."""

    key: str
    en: str
    zh: str
    about_en: str
    about_zh: str

    def name(self, lang: str) -> str:
        """Name in a language."""
        return str(getattr(self, lang, self.en))

    def about(self, lang: str) -> str:
        """What to do with it, in a language."""
        return str(getattr(self, f"about_{lang}", self.about_en))


_TABLE_EN = "Edit yellow cells. A blank cell keeps the parent's value; a row that is not here stays as it is."
_TABLE_ZH = "编辑黄色单元格。空白单元格沿用上级情景的值；未列出的行保持不变。"
SHEETS = {
    sheet.key: sheet
    for sheet in (
        Sheet("scenario", "Scenario", "情景", "What this scenario asks, and which one it starts from.",
              "本情景要回答的问题，及其所依据的情景。"),
        Sheet("settings", "Settings", "参数", _TABLE_EN, _TABLE_ZH),
        Sheet("years", "Years", "年度", "One number for all years, or numbers by year joined by straight lines. "
              "More years: write them behind the last in row 2.",
              "填一个适用于所有年份的数，或逐年填写（其间按直线插值）。需要更多年份时在第 2 行末尾继续写年份。"),
        Sheet("policies", "Policies", "政策规则", "Your named rules, one a row. An edited rule replaces the parent's "
              "of the same id; 'remove' takes it out.",
              "具名政策规则，每行一条。修改后替换上级情景的同名政策规则；在“取消”列填“是”则取消。"),
        Sheet("lines", "Lines", "技术线", _TABLE_EN, _TABLE_ZH),
        Sheet("programmes", "Programmes", "项目", _TABLE_EN, _TABLE_ZH),
        Sheet("domains", "Domains", "领域", _TABLE_EN, _TABLE_ZH),
        Sheet("rungs", "Rungs", "技术阶梯", _TABLE_EN, _TABLE_ZH),
        Sheet("quadrants", "Quadrants", "合作象限", _TABLE_EN, _TABLE_ZH),
        Sheet("modes", "Modes", "合作模式", _TABLE_EN, _TABLE_ZH),
        Sheet("spillovers", "Spillovers", "溢出", _TABLE_EN, _TABLE_ZH),
        Sheet("military.indices", "Power indices", "军力指数", _TABLE_EN, _TABLE_ZH),
        Sheet("changes", "Changes", "其他更改", "Any other change by path, such as lines[domain=quantum].growth; "
              "'scale' multiplies, 'add' adds.",
              "按路径进行的其他更改，例如 lines[domain=quantum].growth；“乘以”为倍数，“加上”为增量。"),
        Sheet("variants", "Variants", "方案", "Each column behind 'base' is a variant of this scenario: its name in "
              "row 2, its title in row 3, then values by path. An empty cell is as in the base.",
              "“基准”之后每列是本情景的一个方案：第 2 行写名称，第 3 行写标题，其下按路径写数值。空白单元格同基准。"),
        Sheet("sources", "Sources", "来源", "Where the numbers you changed come from.", "所修改数值的来源。"),
    )
}  # fmt: skip


def table_columns(key: str) -> dict[str, Kind]:
    """Columns of the sheet of a table (lines, programmes, ...), of policies, changes or sources."""
    if key == "policies":
        kinds = {name: replace(policy_fields(None)[name], required=False) for name in POLICY_FIELDS}
        texts = {name: Kind("text", meaning=kinds[name].meaning or meaning) for name, meaning in _SELECTIONS.items()}
        remove = Kind("flag", meaning="takes the parent's rule of this id out", required=False)
        return kinds | texts | {"kind": kinds["kind"], "remove": remove}
    if key == "changes":
        how = Kind("choice", choices=HOW, meaning="set, scale (multiply) or add")
        return {"path": Kind("text", meaning="path of a value"), "how": how, "value": Kind("number", meaning="value")}
    if key == "sources":
        return {name: kind for name, kind in fields(Source).items() if name not in PARENT_FIELDS}
    columns: dict[str, Kind] = {}
    for name, kind in fields(record_of(key)).items():
        if name == "label":
            columns |= {column: Kind("text", meaning=f"name, {LABELS[column]}") for column in LABELS}
        else:
            columns[name] = kind
    return columns


_SELECTIONS = {
    "id": "name of the rule", "domain": "domain (empty: all)", "line": "line (empty: all)",
    "lines": "lines of a band, joined by ';'", "years": "2030 or 2026-2030; empty: all planned years",
}  # fmt: skip


def record_of(key: str) -> type[Record]:
    """Record of the rows of a table's sheet."""
    return next(table.record for table in TABLES.values() if table.name == key)


def naming(key: str) -> tuple[str, ...]:
    """Columns that name a row."""
    return ("source", "target") if key == "spillovers" else ("id",)


def row_path(key: str, names: tuple[str, ...]) -> str:
    """Path of a row: lines[ai-B], spillovers[source=ai,target=quantum]."""
    if names[1:]:
        return f"{key}[{','.join(f'{field}={name}' for field, name in zip(naming(key), names, strict=True))}]"
    return f"{key}[{names[0]}]"


def column_path(column: str) -> str:
    """A column as paths write it: label_en is label.en."""
    return f"label.{LABELS[column]}" if column in LABELS else column


def settings() -> dict[str, Kind]:
    """Every single value of a scenario outside its tables, by path."""
    return {path: kind for path, kind in _walk(fields(Scenario), "") if kind.scalar}


def series() -> dict[str, Kind]:
    """Every series by year, by path."""
    return {path: kind for path, kind in _walk(fields(Scenario), "") if kind.form == "series"}


def _walk(kinds: dict[str, Kind], before: str) -> Iterator[tuple[str, Kind]]:
    for name, kind in kinds.items():
        path = f"{before}.{name}" if before else name
        if path in NOT_SETTINGS:
            continue
        if kind.form == "record" and kind.record is not None:
            yield from _walk(fields(kind.record), path)
        else:
            yield path, kind
