"""Cells of a workbook: values as a planner types them, and what only the file itself tells of them.

A number may be stored as text, also in full-width digits; a choice may be written in English or Chinese. Dates,
Excel errors and formulas that were never calculated are faults of their cell.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

from kctopt.scenario.chinese import choice_names
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.scalars import plain_text

NONE = ("none", "无")  # in a cell of an optional value: no such value, whatever the parent has
YES, NO = ("true", "yes", "是", "1"), ("false", "no", "否", "0")
BETWEEN = re.compile(r"[;,；，、]")
CELL = re.compile(r"[A-Z]{1,3}[1-9][0-9]{0,6}")
LARGEST_SHEET = 200_000_000  # bytes of XML, unpacked
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
NO_VALUE = "holds a formula that was never calculated"


@dataclass(frozen=True)
class Cell:
    """One cell: its value as the file holds it, its place, and an Excel error or an empty formula in it."""

    value: Any
    origin: Origin
    broken: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not self.broken and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))

    @property
    def text(self) -> str:
        """What stands in it, as text: 2030, not 2030.0."""
        if isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value))
        return "" if self.value is None else str(self.value).strip()

    @property
    def word(self) -> str:
        """Its text in plain letters and digits: full-width ones become ASCII."""
        return plain_text(self.text)

    def fault(self) -> tuple[str, str]:
        """What is wrong with the cell itself, and the remedy; empty when nothing is."""
        if self.broken == NO_VALUE:
            return NO_VALUE, "open and save the workbook in a spreadsheet program, or type the value"
        if self.broken:
            return f"holds the Excel error {self.broken}", "repair the formula, or type the value"
        if isinstance(self.value, datetime.date | datetime.time | datetime.timedelta):
            remedy = "format the cell as a number or as text and type the value again"
            return f"holds a date or time ({self.value})", remedy
        return "", ""


def read_cell(cell: Cell, kind: Kind, path: str, faults: Faults) -> Node:
    """Node of a cell; a date, an Excel error or a formula without a value is a fault."""
    message, hint = cell.fault()
    if message:
        faults.add(cell.origin, path, message, hint)
        return Node(None, cell.origin, cell.origin, faulty=True)
    node = node_of(cell, kind)
    node.key = cell.origin
    return node


def node_of(cell: Cell, kind: Kind) -> Node:
    """Node of a cell for a field of a scalar kind; what cannot be read is left for the loader to name."""
    value = cell.value
    match kind.form:
        case _ if kind.optional and isinstance(value, str) and cell.word.lower() in NONE:
            return Node(None, cell.origin)
        case "number" | "integer" | "series":
            value = _number(cell)
        case "flag":
            value = _flag(cell)
        case "choice":
            value = choice(cell.word, kind)
        case _:
            value = cell.text
    return Node(value, cell.origin, text=cell.text)


def split(cell: Cell, node: Node, *, always: bool = False) -> Node:
    """Names joined by ';' as a list; one name alone stays as it is unless a list is needed."""
    names = [name.strip() for name in BETWEEN.split(cell.text) if name.strip()]
    if node.faulty or (len(names) < 2 and not always):
        return node
    return Node([Node(name, cell.origin, text=name) for name in names], cell.origin, cell.origin)


def choice(word: str, kind: Kind) -> str:
    """A choice by its key or its Chinese name; anything else as it is."""
    for key, name in choice_names(kind.choices, "zh").items():
        if word.casefold() in (key.casefold(), name.casefold()):
            return key
    return word


def _number(cell: Cell) -> Any:
    value = cell.value
    if isinstance(value, str):
        try:
            value = float(cell.word) if "_" not in cell.word else cell.word
        except ValueError:
            return cell.word
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _flag(cell: Cell) -> Any:
    if isinstance(cell.value, bool):
        return cell.value
    word = cell.word.lower()
    return True if word in YES else False if word in NO else cell.value


def broken_cells(data: bytes) -> dict[str, dict[tuple[int, int], str]]:
    """Cells with Excel errors or formulas without a value: sheet -> (row, column from 1) -> what is wrong.

    The reader of values shows such cells as empty, so the XML of the sheets is asked. Raises ValueError, KeyError,
    zipfile.BadZipFile or ElementTree.ParseError when the file is no workbook.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        fresh = _to_be_calculated(book)
        return {name: dict(_broken(book, part, fresh)) for name, part in _parts(book).items()}


def merged_cells(data: bytes) -> dict[str, list[tuple[str, tuple[int, int], int]]]:
    """Merged ranges: sheet -> name of the range, its first cell (row, column from 1), its last row."""
    merged: dict[str, list[tuple[str, tuple[int, int], int]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name, part in _parts(book).items():
            with book.open(part) as stream:
                refs = [tag.get("ref", "") for _, tag in ElementTree.iterparse(stream) if tag.tag == f"{MAIN}mergeCell"]
            ends = [(ref, *ref.partition(":")[::2]) for ref in refs]
            merged[name] = [
                (ref, _place(first), _place(last)[0])
                for ref, first, last in ends
                if CELL.fullmatch(first) and CELL.fullmatch(last)
            ]
    return merged


def is_strict(data: bytes) -> bool:
    """Whether a workbook is of the strict kind of Open XML, whose names are others. Raises as `broken_cells` does."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return STRICT in book.read("xl/workbook.xml")


def _to_be_calculated(book: zipfile.ZipFile) -> bool:
    """Whether formulas wait for a spreadsheet program: what wrote them left 0 in their place."""
    properties = ElementTree.fromstring(book.read("xl/workbook.xml")).find(f"{MAIN}calcPr")
    return properties is not None and properties.get("fullCalcOnLoad") in ("1", "true")


def _parts(book: zipfile.ZipFile) -> Mapping[str, str]:
    """The file of each sheet inside the archive."""
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {element.get("Id"): element.get("Target", "") for element in relations}
    sheets = ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
    files = {element.get("name", ""): targets.get(element.get(LINK), "") for element in sheets}
    return {
        name: target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)
        for name, target in files.items()
        if "worksheets/" in target
    }


def _broken(book: zipfile.ZipFile, part: str, fresh: bool) -> Iterator[tuple[tuple[int, int], str]]:
    if book.getinfo(part).file_size > LARGEST_SHEET:
        raise ValueError(f"{part} is too large for a scenario")
    with book.open(part) as stream:
        for _, cell in ElementTree.iterparse(stream):
            if cell.tag == f"{MAIN}row":
                cell.clear()
            if cell.tag != f"{MAIN}c" or not cell.get("r"):
                continue
            value = cell.findtext(f"{MAIN}v") or ""
            if cell.get("t") == "e":
                yield _place(cell.get("r", "")), value or "#ERROR!"
            elif (
                cell.find(f"{MAIN}f") is not None and cell.get("t") != "str" and (not value or (fresh and value == "0"))
            ):
                yield _place(cell.get("r", "")), NO_VALUE


def _place(name: str) -> tuple[int, int]:
    """Row and column of a cell's name, from 1: K5 -> (5, 11)."""
    letters = name.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(name[len(letters) :]), column
