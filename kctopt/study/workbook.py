"""A study in Excel: sheets Study, Uncertain and Correlation, as the nodes that a YAML file would give.

As in the workbook of a scenario a sheet is known by A1 (`kctopt study`, `kctopt uncertain`, `kctopt correlation`), a
column by its key in row 2; row 3 names the columns, data begin in row 4. Words of choices may be English or Chinese.

| sheet | rows |
|---|---|
| study | key, value: extends, name, label.en, label.zh, intent, of, plans, and the keys of sample |
| uncertain | an input: path or grade, how (value, scale, add), distribution, and the numbers that it takes |
| correlation | input, other, correlation |
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from kctopt.errors import suggest
from kctopt.scenario.cells import Cell, node_of
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.grids import Grid, GridRow, read_sheets
from kctopt.scenario.nodes import Faults, Key, Node, Origin
from kctopt.scenario.otherfile import other
from kctopt.scenario.scalars import plain_text
from kctopt.scenario.sheets import MARK
from kctopt.scenario.sheets import SHEETS as OF_SCENARIO
from kctopt.study.laws import SHAPES

SHEETS = {"study": ("Study", "研究"), "uncertain": ("Uncertain", "不确定量"), "correlation": ("Correlation", "相关性")}
HEAD = ("extends", "name", "label.en", "label.zh", "intent", "of", "plans")
SAMPLE = ("method", "size", "seed", "levels", "second_order", "file", "sheet")
NUMBERS = ("low", "mode", "mean", "median", "high", "deviation", "sigma")
COLUMNS = (
    "name", "path", "grade", "by", "range", "how", "distribution", *NUMBERS, "within_low", "within_high", "values",
    "source",
)  # fmt: skip
PAIR = ("input", "other", "correlation")
STUDY_MARK = rb">\s*kctopt study\s*<"  # a cell that says this alone
BETWEEN = re.compile(r"[;；\n]")
ZH = {  # keys and choices that may be typed in Chinese
    "均匀": "uniform", "均匀分布": "uniform", "三角": "triangular", "三角分布": "triangular", "正态": "normal",
    "正态分布": "normal", "对数正态": "lognormal", "对数正态分布": "lognormal", "选择": "choice", "列举": "values",
    "设为": "value", "set": "value", "乘以": "scale", "加上": "add", "假设": "assumption", "用户设定": "user",
    "网格": "grid", "全组合": "product", "逐行": "zip", "列表": "list", "拉丁超立方": "lhs", "索博尔": "sobol",
    "萨特利": "saltelli", "莫里斯": "morris", "每个数": "number", "每条来源": "row", "合为一个": "all",
}  # fmt: skip
NUMBER, TEXT, FLAG = Kind("number"), Kind("text"), Kind("flag")


def is_book(data: bytes) -> bool:
    """Whether bytes are a workbook with a sheet `kctopt study`.

    Examples
    --------
    >>> is_book(b"")
    False
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as book:
            parts = [book.read(name) for name in book.namelist() if name.endswith((".xml",))]
    except (zipfile.BadZipFile, KeyError, RuntimeError, ValueError):
        return False
    return any(re.search(STUDY_MARK, part) for part in parts)


def read_book(data: bytes, file: str, faults: Faults) -> Node:
    """The keys of a study file, each with its cell. Stops with a fault where the file is no study workbook."""
    sheets = read_sheets(data, file, faults)
    marks = {grid.cell(1, 1).word for grid in sheets}
    if f"{MARK}scenario" in marks and f"{MARK}study" not in marks:
        raise other("scenario", "study", Origin(file), faults)
    grids = _grids(sheets, faults)
    if "study" not in grids:
        hint = "make one with `kctopt new --study FILE.xlsx`"
        raise faults.stop(Origin(file), "", "has no sheet that begins with 'kctopt study' in A1", hint)
    given = _head(grids["study"], faults)
    if "uncertain" in grids:
        rows = [_entry(row, faults) for row in _records(grids["uncertain"], COLUMNS, faults)]
        given["uncertain"] = Node([row for row in rows if row is not None], grids["uncertain"].origin)
    if "correlation" in grids:
        pairs = [_pair(row) for row in _records(grids["correlation"], PAIR, faults)]
        if pairs:
            given["correlation"] = Node(pairs, grids["correlation"].origin)
    return Node(given, Origin(file))


def _grids(sheets: list[Grid], faults: Faults) -> dict[str, Grid]:
    """Sheets of ours, by key."""
    found: dict[str, Grid] = {}
    for grid in sheets:
        name = grid.name
        mark = grid.cell(1, 1)
        key = mark.word.removeprefix(MARK)
        if not mark.word.startswith(MARK):
            if any(name in names for names in SHEETS.values()):
                hint = "put the first two rows back, or give the sheet another name if it is your own"
                faults.add(mark.origin, "", "does not begin with 'kctopt ...' in A1", hint)
        elif key in OF_SCENARIO:
            hint = "a scenario is a workbook of its own: name it beside 'of'"
            faults.add(mark.origin, "", "is a sheet of a scenario", hint)
        elif key not in SHEETS:
            faults.add(mark.origin, "", f"unknown sheet '{key}'", suggest(key, SHEETS))
        else:
            found.setdefault(key, grid)
    return found


def _records(grid: Grid, columns: tuple[str, ...], faults: Faults) -> Iterator[GridRow]:
    """Rows of a sheet; columns that are none of ours, and broken cells, are faults."""
    for cell in grid.repeated():
        faults.add(cell.origin, "", f"column '{cell.word}' is there twice", "keep one of the two")
    for key, column in grid.header().items():
        if key not in columns:
            faults.add(grid.cell(2, column).origin, "", f"unknown column '{key}'", suggest(key, columns, most=20))
    for row in grid.records():
        for cell in row.filled().values():
            message, hint = cell.fault()
            if message:
                faults.add(cell.origin, "", message, hint)
        yield row


def _head(grid: Grid, faults: Faults) -> dict[Key, Node]:
    """The keys of the sheet Study."""
    given: dict[Key, Node] = {}
    label: dict[Key, Node] = {}
    sample: dict[Key, Node] = {}
    for row in _records(grid, ("key", "value"), faults):
        key, cell = row.word("key"), row.cells.get("value")
        if key not in (*HEAD, *SAMPLE):
            faults.add(row.cells["key"].origin, "", f"unknown key '{key}'", suggest(key, (*HEAD, *SAMPLE), most=20))
        elif cell is None or cell.blank:
            continue
        elif key in ("of", "plans", "extends"):
            given[key] = Node([_word(part, cell.origin) for part in _parts(cell)], cell.origin)
        elif key.startswith("label."):
            label[key.removeprefix("label.")] = node_of(cell, TEXT)
        elif key in SAMPLE:
            kind = {"second_order": FLAG, "file": TEXT, "sheet": TEXT}.get(key, NUMBER)
            sample[key] = _choice(cell) if key == "method" else node_of(cell, kind)
        else:
            given[key] = node_of(cell, TEXT)
    if label:
        given["label"] = Node(label, grid.origin)
    if sample:
        given["sample"] = Node(sample, grid.origin)
    return given


def _entry(row: GridRow, faults: Faults) -> Node | None:
    """One row of the sheet Uncertain, as an entry of `uncertain:`."""
    cells = row.filled()
    entry: dict[Key, Node] = {}
    for key in ("name", "source"):
        if key in cells:
            entry[key] = node_of(cells[key], TEXT)
    for key in ("grade", "by", "range"):
        if key in cells:
            entry[key] = _choice(cells[key])
    if "path" in cells:
        parts = [_word(part, cells["path"].origin) for part in _parts(cells["path"])]
        one = len(parts) == 1
        entry["path" if one else "paths"] = parts[0] if one else Node(parts, cells["path"].origin)
    law = _law(row, cells, faults)
    if "how" in cells:
        how = _choice(cells["how"])
        if how.value not in ("value", "scale", "add"):
            hint = suggest(str(how.value), ("value", "scale", "add"))
            faults.add(how.origin, "", f"unknown value '{how.value}'", hint)
            return None
        entry[str(how.value)] = law or Node(None, cells["how"].origin, text=None)  # empty: a column of the draws
    elif law is not None:
        faults.add(row.origin, "", "has a distribution, and 'how' is empty", "write value, scale or add")
        return None
    return Node(entry, row.origin)


def _law(row: GridRow, cells: dict[str, Cell], faults: Faults) -> Node | None:
    """The law that a row states; None where it states none."""
    if "distribution" not in cells:
        return None
    word = _choice(cells["distribution"])
    name, at = str(word.value), cells["distribution"].origin
    shape = tuple("sigma" if each.startswith("sigma") else each for each in SHAPES.get(name, ()))
    law: dict[Key, Node] = {}
    for key in NUMBERS:
        if key in cells and name in SHAPES and key not in shape:
            faults.add(cells[key].origin, key, f"says nothing of {name}", f"{name} has {', '.join(shape)}")
    if name in ("choice", "values"):
        parts = [_scalar(part, cells["values"].origin) for part in _parts(cells["values"])] if "values" in cells else []
        law[name] = Node(parts, cells["values"].origin if parts else at)
    else:
        missing = [key for key in shape if key not in cells]
        for key in missing:
            place = row.cells[key].origin if key in row.cells else at
            faults.add(place, key, f"is empty, and {name} needs it", f"give {', '.join(shape)}")
        if missing:
            return Node(None, at, faulty=True)
        numbers = [node_of(cells[key], NUMBER) for key in shape]
        law[name] = Node(numbers, numbers[0].origin if numbers else at, key=at)
    ends = [cells[key] for key in ("within_low", "within_high") if key in cells]
    if ends:
        law["within"] = Node([node_of(cell, NUMBER) for cell in ends], ends[0].origin)
    return Node(law, at)


def _pair(row: GridRow) -> Node:
    kinds = {"input": TEXT, "other": TEXT, "correlation": NUMBER}
    filled = row.filled()
    return Node([node_of(filled[key], kind) for key, kind in kinds.items() if key in filled], row.origin)


def _choice(cell: Cell) -> Node:
    """A word by its key or its Chinese name."""
    return Node(ZH.get(cell.word, cell.word), cell.origin, text=cell.text)


def _parts(cell: Cell) -> list[str]:
    return [part.strip() for part in BETWEEN.split(cell.text) if part.strip()]


def _word(text: str, origin: Origin) -> Node:
    return Node(text, origin, text=text)


def _scalar(text: str, origin: Origin) -> Node:
    """A value among several in one cell: a number where it is one."""
    value: Any = plain_text(text)
    try:
        number = float(value)
        value = int(number) if number.is_integer() else number
    except ValueError:
        value = {"true": True, "是": True, "false": False, "否": False}.get(value.lower(), value)
    return Node(value, origin, text=text)
