"""The tables of a result: every column with its type, unit and meaning.

One list serves the DataFrames, the CSV and Parquet files and `datapackage.json`, so they cannot disagree.
A table is held as a dict of equally long NumPy arrays by column name: pandas is only needed to look at it.
An absent number is nan, an absent year is 0 (shown and written as blank), an absent name is the empty string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    import pandas

Columns = dict[str, np.ndarray]
MONEY_UNIT = "billion CNY"
POINTS = "index points"


@dataclass(frozen=True)
class Field:
    """One column: its name, type, unit (empty for names and flags) and meaning."""

    name: str
    type: Literal["string", "integer", "number", "boolean"]
    meaning: str
    unit: str = ""
    optional: bool = False  # whole numbers only: 0 stands for blank
    added: bool = False  # runs saved before the column was added lack it, and it reads as blank


LINE = Field("line", "string", "technology line")
RUNG = Field("rung", "string", "F, P or R")
DOMAIN = Field("domain", "string", "domain of the line")
YEAR = Field("year", "integer", "year at whose end a stock stands, or in which a flow runs", "year")
TAIL = Field("after_plan", "boolean", "true for years after the last planned one, which keep its spend")

TABLES: dict[str, tuple[Field, ...]] = {
    "allocation": (
        LINE,
        DOMAIN,
        Field("type", "string", "type with the line's largest membership: B, A, M or S"),
        Field("plan", "string", "planning period"),
        YEAR,
        Field("track", "string", "strategic, substitution or exchange"),
        Field("rung", "string", "F, P or R for strategic spend, else empty"),
        Field("amount", "number", "spend in the year", MONEY_UNIT),
        Field("unit", "string", "unit of amount"),
    ),
    "capability": (
        LINE,
        DOMAIN,
        YEAR,
        TAIL,
        Field("capability", "number", "own capability C; rival in the base year = 100", POINTS),
        Field("substitute", "number", "emergency substitutes s", POINTS),
        Field("usable", "number", "usable capability U = C + s", POINTS),
        Field("rival", "number", "rival's capability R", POINTS),
        Field("gap", "number", "relative gap g = (R - C)/R", "share"),
        Field("dependency", "number", "dependency max(0, 1 - U/R)", "share"),
        Field("production", "number", "new knowledge, weighted over the rungs like capability", "index points/year"),
        Field("inflow", "number", "net knowledge inflow D", "index points/year"),
        Field("stock_F", "number", "stock of the functional rung", POINTS),
        Field("stock_P", "number", "stock of the performance rung", POINTS),
        Field("stock_R", "number", "stock of the reliability rung", POINTS),
    ),
    "stages": (
        LINE,
        DOMAIN,
        YEAR,
        TAIL,
        Field("stage", "string", "far, reach or near, by the relative gap at the end of the year"),
        Field("binding", "string", "diffusion cap that binds in the year: far, reach, near; empty if the form has one"),
        Field("quadrant", "string", "cooperation quadrant of the line"),
    ),
    "indices": (
        Field("index", "string", "name of the index"),
        Field("domain", "string", "domain, empty for the nation"),
        YEAR,
        TAIL,
        Field("value", "number", "value, in `unit`"),
        Field("unit", "string", "unit of value"),
    ),
    "constraints": (
        Field("rule", "string", "rule as the program names it"),
        Field("kind", "string", "family of the rule, or the policy's id"),
        Field("line", "string", "line it speaks of, empty if several"),
        Field("year", "integer", "year it speaks of, blank if several", "year", optional=True),
        Field("left", "number", "left side, in `unit`"),
        Field("sense", "string", "<= or >=; = for equations of the user's own"),
        Field("right", "number", "right side, in `unit`"),
        Field("slack", "number", "room left, in `unit`; negative if broken"),
        Field("binding", "boolean", "true where no room is left"),
        Field("price", "number", "rise of the objective per unit of the right side"),
        Field("unit", "string", "unit of both sides"),
    ),
    "regimes": (
        LINE,
        DOMAIN,
        Field("review", "integer", "first year of the period that the review decides", "year"),
        Field("stage", "string", "stage in force from the review on: far, reach or near"),
        Field("stage_before", "string", "stage in force before it; empty at the first review, which data decide"),
        Field("switched", "boolean", "true where the stage changes"),
        Field("gap", "number", "relative gap g = (R - C)/R at the end of the year before", "share"),
        Field("near", "number", "gap at or below which the line is near", "share"),
        Field("far", "number", "gap above which the line is far", "share"),
        Field("held_back", "boolean", "true where the plan keeps the line just outside the near stage"),
    ),
    "restraint": (
        LINE,
        RUNG,
        YEAR,
        TAIL,
        Field("amount", "number", "capability of the rung not built, or not shown", POINTS),
    ),
    "cooperation": (
        DOMAIN,
        Field("plan", "string", "planning period"),
        Field("mode", "string", "cooperation mode: closed, guarded or open"),
        Field("mode_before", "string", "mode in the plan before; in the first plan that of the base year"),
        Field("changed", "boolean", "true where the mode changes"),
        Field("change_cost", "number", "cost of the change, in the first year of the plan", MONEY_UNIT),
        Field("market_gain", "number", "change of economic power against the base year's mode", "index points/year"),
        Field("exchange_spend", "number", "spend on exchange in the plan", MONEY_UNIT),
        Field("exposure", "number", "that spend by sensitivity and the mode's exposure", MONEY_UNIT),
    ),
    "programmes": (
        Field("programme", "string", "programme of the catalogue"),
        Field("label", "string", "its label"),
        LINE,
        RUNG,
        Field("mode", "string", "open_bid (one team) or horse_race (parallel routes)"),
        Field("selected", "boolean", "true if the plan launches it; the columns behind are blank or 0 if not"),
        Field("start", "integer", "first year it runs", "year", optional=True),
        Field("end", "integer", "last year it runs", "year", optional=True),
        Field("routes", "integer", "parallel routes", "routes"),
        Field("success", "number", "probability that at least one route succeeds", "share"),
        Field("gain", "number", "expected gain of the rung's stock at the end of the last year", POINTS),
        Field("cost", "number", "cost of all routes over all years", MONEY_UNIT),
        Field("researchers", "number", "researchers employed by all routes while it runs", "thousand persons"),
        Field("reward", "number", "expected reward for success by the deadline", "NS points"),
    ),
    "variables": (
        Field("variable", "string", "variable that the user added to the model, or whose bounds they changed"),
        Field("kind", "string", "own: added by the user; limited: of the model, with the user's bounds"),
        Field("value", "number", "value in the plan"),
        Field("lower", "number", "least value; blank if there is none"),
        Field("upper", "number", "greatest value; blank if there is none"),
        Field("integer", "boolean", "true where it takes whole numbers only"),
    ),
    "provenance": (
        Field("path", "string", "place of the value in the scenario"),
        Field("value", "string", "the value"),
        Field("unit", "string", "unit of the value"),
        Field("source", "string", "where the value comes from"),
        Field("year", "string", "year of the source"),
        Field("grade", "string", "A read, B second-hand, C derived, assumption, or user: set without a source"),
        Field("parent_value", "string", "grade user: the figure that the value took the place of", added=True),
        Field("parent_source", "string", "grade user: where that figure comes from", added=True),
        Field("origin", "string", "file and line that set the value; empty for defaults"),
        Field("stated_in", "string", "file and line that states the source", added=True),
    ),
}

_DTYPES: dict[str, Any] = {"integer": np.int64, "number": np.float64, "boolean": np.bool_, "string": object}
_BLANK: dict[str, Any] = {"integer": 0, "number": np.nan, "boolean": False, "string": ""}


def columns(name: str, values: Mapping[str, Any]) -> Columns:
    """The columns of table `name`, each an array of its declared type; scalars are repeated."""
    fields = TABLES[name]
    if set(values) != {field.name for field in fields}:
        raise ValueError(f"table {name} needs exactly the columns {', '.join(field.name for field in fields)}")
    arrays = {field.name: np.asarray(values[field.name], dtype=_DTYPES[field.type]) for field in fields}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    return {key: np.broadcast_to(array, shape).ravel().copy() for key, array in arrays.items()}


def from_rows(name: str, rows: Iterable[tuple[Any, ...]]) -> Columns:
    """The columns of table `name` from tuples in the order of its fields."""
    listed = list(rows)
    turned = list(zip(*listed, strict=True)) if listed else [()] * len(TABLES[name])
    return {
        field.name: np.array(list(values), dtype=_DTYPES[field.type])
        for field, values in zip(TABLES[name], turned, strict=True)
    }


def from_text(name: str, header: list[str], rows: list[list[str]]) -> Columns:
    """The columns of table `name` from the cells of a CSV file.

    Raises ValueError for a missing or unknown column, a short row or a cell of the wrong type.
    """
    there = columns_there(name, header)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ValueError(f"line {number} has {len(row)} cells; expected {len(header)}")
    places = [header.index(field.name) if field in there else None for field in TABLES[name]]
    return from_rows(
        name,
        (tuple(_BLANK[field.type] if at is None else _cell(field, row[at], number)
               for field, at in zip(TABLES[name], places, strict=True))
         for number, row in enumerate(rows, start=2)),
    )  # fmt: skip


def columns_there(name: str, header: list[str]) -> tuple[Field, ...]:
    """Fields of table `name` that a file has by its header. Raises ValueError when it is of another table."""
    expected = TABLES[name]
    before = tuple(field for field in expected if not field.added)
    for fields in (expected, before):
        if header == [field.name for field in fields]:
            return fields
    raise ValueError(f"columns are {', '.join(header)}; expected {', '.join(field.name for field in expected)}")


def blank_column(field: Field, rows: int) -> np.ndarray:
    """A column of blanks."""
    return np.full(rows, _BLANK[field.type], dtype=_DTYPES[field.type])


def _cell(field: Field, text: str, number: int) -> Any:
    if field.type == "string":
        return text
    if text == "":
        return _BLANK[field.type]
    if field.type == "boolean":
        if text not in ("true", "false"):
            raise ValueError(f"line {number}, column {field.name}: {text!r} is not true or false")
        return text == "true"
    try:
        return int(text) if field.type == "integer" else float(text)
    except ValueError:
        raise ValueError(f"line {number}, column {field.name}: {text!r} is not a number") from None


def to_text(field: Field, value: Any) -> str:
    """One cell as CSV text; numbers keep every digit, blanks are empty."""
    match field.type:
        case "string":
            return str(value)
        case "boolean":
            return "true" if value else "false"
        case "integer":
            return "" if field.optional and not value else str(int(value))
        case "number":
            return "" if np.isnan(value) else repr(float(value))


def frame(name: str, table: Columns) -> pandas.DataFrame:
    """The table as a DataFrame; pandas is imported here and not before."""
    import pandas

    shown: dict[str, Any] = dict(table)
    for field in TABLES[name]:
        if field.type == "integer" and field.optional:
            shown[field.name] = pandas.array(np.where(table[field.name], table[field.name], -1), dtype="Int64")
            shown[field.name][table[field.name] == 0] = pandas.NA
        elif field.type == "string":
            shown[field.name] = pandas.array(list(table[field.name]), dtype="str")
    return pandas.DataFrame(shown)
