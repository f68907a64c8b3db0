"""The tables of a result: every column with its type, unit and meaning.

One list serves the DataFrames, the CSV and Parquet files and `datapackage.json`, so they cannot disagree.
A table is held as a dict of equally long NumPy arrays by column name: pandas is only needed to look at it.
An absent number is nan, an absent year is 0 (shown and written as blank), an absent name is the empty string.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.table import Column

if TYPE_CHECKING:
    import pandas

Columns = dict[str, np.ndarray]
MONEY_UNIT = "billion CNY"
POINTS = "index points"


LINE = Column("line", "string", "technology line")
RUNG = Column("rung", "string", "F, P or R")
DOMAIN = Column("domain", "string", "domain of the line")
YEAR = Column("year", "integer", "year at whose end a stock stands, or in which a flow runs", "year")
TAIL = Column("after_plan", "boolean", "true for years after the last planned one, which keep its spend")

TABLES: dict[str, tuple[Column, ...]] = {
    "allocation": (
        LINE,
        DOMAIN,
        Column("type", "string", "type with the line's largest membership: B, A, M or S"),
        Column("plan", "string", "planning period"),
        YEAR,
        Column("track", "string", "strategic, substitution or exchange"),
        Column("rung", "string", "F, P or R for strategic spend, else empty"),
        Column("amount", "number", "spend in the year", MONEY_UNIT),
        Column("unit", "string", "unit of amount"),
    ),
    "capability": (
        LINE,
        DOMAIN,
        YEAR,
        TAIL,
        Column("capability", "number", "own capability C; rival in the base year = 100", POINTS),
        Column("substitute", "number", "emergency substitutes s", POINTS),
        Column("usable", "number", "usable capability U = C + s", POINTS),
        Column("rival", "number", "rival's capability R", POINTS),
        Column("gap", "number", "relative gap g = (R - C)/R", "share"),
        Column("dependency", "number", "dependency max(0, 1 - U/R)", "share"),
        Column("production", "number", "new knowledge, weighted over the rungs like capability", "index points/year"),
        Column("inflow", "number", "net knowledge inflow D", "index points/year"),
        Column("exchange_gain", "number", "economic power that its exchange brings, G", POINTS, added=True),
        Column("stock_F", "number", "stock of the functional rung", POINTS),
        Column("stock_P", "number", "stock of the performance rung", POINTS),
        Column("stock_R", "number", "stock of the reliability rung", POINTS),
    ),
    "stages": (
        LINE,
        DOMAIN,
        YEAR,
        TAIL,
        Column("gap_band", "string", "far, reach or near: where the gap lies at the end of the year", added=True),
        Column("stage", "string", "stage in force in the year, set at reviews; empty where stages do not switch"),
        Column(
            "binding", "string", "diffusion cap that binds in the year: far, reach, near; empty if the form has one"
        ),
        Column("quadrant", "string", "cooperation quadrant of the line"),
    ),
    "indices": (
        Column("index", "string", "name of the index"),
        Column("domain", "string", "domain, empty for the nation"),
        YEAR,
        TAIL,
        Column("value", "number", "value, in `unit`"),
        Column("unit", "string", "unit of value"),
    ),
    "constraints": (
        Column("rule", "string", "rule as the program names it"),
        Column("kind", "string", "family of the rule, or the policy's id"),
        Column("line", "string", "line it speaks of, empty if several"),
        Column("year", "integer", "year it speaks of, blank if several", "year", optional=True),
        Column("left", "number", "left side, in `unit`"),
        Column("sense", "string", "<= or >=; = for equations of the user's own"),
        Column("right", "number", "right side, in `unit`"),
        Column("slack", "number", "room left, in `unit`; negative if broken"),
        Column("binding", "boolean", "true where no room is left"),
        Column("price", "number", "rise of the objective per unit of the right side"),
        Column("unit", "string", "unit of both sides"),
    ),
    "regimes": (
        LINE,
        DOMAIN,
        Column("review", "integer", "first year of the period that the review decides", "year"),
        Column("stage", "string", "stage in force from the review on: far, reach or near"),
        Column("stage_before", "string", "stage in force before it; empty at the first review, which data decide"),
        Column("switched", "boolean", "true where the stage changes"),
        Column("gap", "number", "relative gap g = (R - C)/R at the end of the year before", "share"),
        Column("near", "number", "gap at or below which the line is near", "share"),
        Column("far", "number", "gap above which the line is far", "share"),
        Column("held_back", "boolean", "true where the plan keeps the line just outside the near stage"),
    ),
    "restraint": (
        LINE,
        RUNG,
        YEAR,
        TAIL,
        Column("amount", "number", "capability of the rung not built, or not shown", POINTS),
    ),
    "cooperation": (
        DOMAIN,
        Column("plan", "string", "planning period"),
        Column("mode", "string", "cooperation mode: closed, guarded or open"),
        Column("mode_before", "string", "mode in the plan before; in the first plan that of the base year"),
        Column("changed", "boolean", "true where the mode changes"),
        Column("change_cost", "number", "cost of the change, in the first year of the plan", MONEY_UNIT),
        Column("market_gain", "number", "change of economic power against the base year's mode", "index points/year"),
        Column("exchange_spend", "number", "spend on exchange in the plan", MONEY_UNIT),
        Column("exposure", "number", "that spend by sensitivity and the mode's exposure", MONEY_UNIT),
    ),
    "programmes": (
        Column("programme", "string", "programme of the catalogue"),
        Column("label", "string", "its label"),
        LINE,
        RUNG,
        Column("mode", "string", "open_bid (one team) or horse_race (parallel routes)"),
        Column("selected", "boolean", "true if the plan launches it; the columns behind are blank or 0 if not"),
        Column("start", "integer", "first year it runs", "year", optional=True),
        Column("end", "integer", "last year it runs", "year", optional=True),
        Column("routes", "integer", "parallel routes", "routes"),
        Column("success", "number", "probability that at least one route succeeds", "share"),
        Column("gain", "number", "expected gain of the rung's stock at the end of the last year", POINTS),
        Column("cost", "number", "cost of all routes over all years", MONEY_UNIT),
        Column("researchers", "number", "researchers employed by all routes while it runs", "thousand persons"),
        Column("reward", "number", "expected reward for success by the deadline", "NS points"),
    ),
    "variables": (
        Column("variable", "string", "variable that the user added to the model, or whose bounds they changed"),
        Column("kind", "string", "own: added by the user; limited: of the model, with the user's bounds"),
        Column("value", "number", "value in the plan"),
        Column("lower", "number", "least value; blank if there is none"),
        Column("upper", "number", "greatest value; blank if there is none"),
        Column("integer", "boolean", "true where it takes whole numbers only"),
    ),
    "provenance": (
        Column("path", "string", "place of the value in the scenario"),
        Column("value", "string", "the value"),
        Column("unit", "string", "unit of the value"),
        Column("source", "string", "where the value comes from"),
        Column("year", "string", "year of the source"),
        Column("grade", "string", "A read, B second-hand, C derived, assumption, or user: set without a source"),
        Column("low", "number", "least value of the published spread; blank if none is stated", added=True),
        Column("high", "number", "greatest value of the published spread; blank if none is stated", added=True),
        Column("parent_value", "string", "grade user: the figure that the value took the place of", added=True),
        Column("parent_source", "string", "grade user: where that figure comes from", added=True),
        Column("origin", "string", "file and line that set the value; empty for defaults"),
        Column("stated_in", "string", "file and line that states the source", added=True),
    ),
}

_DTYPES: dict[str, Any] = {"integer": np.int64, "number": np.float64, "boolean": np.bool_, "string": object}
_BLANK: dict[str, Any] = {"integer": 0, "number": np.nan, "boolean": False, "string": ""}


def columns(name: str, values: Mapping[str, Any]) -> Columns:
    """The columns of table `name`, each an array of its declared type; scalars are repeated."""
    fields = TABLES[name]
    if set(values) != {field.key for field in fields}:
        raise ValueError(f"table {name} needs exactly the columns {', '.join(field.key for field in fields)}")
    arrays = {field.key: np.asarray(values[field.key], dtype=_DTYPES[field.kind]) for field in fields}
    shape = np.broadcast_shapes(*(array.shape for array in arrays.values()))
    return {key: np.broadcast_to(array, shape).ravel().copy() for key, array in arrays.items()}


def from_rows(name: str, rows: Iterable[tuple[Any, ...]]) -> Columns:
    """The columns of table `name` from tuples in the order of its fields."""
    listed = list(rows)
    turned = list(zip(*listed, strict=True)) if listed else [()] * len(TABLES[name])
    return {
        field.key: np.array(list(values), dtype=_DTYPES[field.kind])
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
    places = [header.index(field.key) if field in there else None for field in TABLES[name]]
    return from_rows(
        name,
        (tuple(_BLANK[field.kind] if at is None else _cell(field, row[at], number)
               for field, at in zip(TABLES[name], places, strict=True))
         for number, row in enumerate(rows, start=2)),
    )  # fmt: skip


def columns_there(name: str, header: list[str]) -> tuple[Column, ...]:
    """Fields of table `name` that a file has by its header. Raises ValueError when it is of another table."""
    expected = TABLES[name]
    there = tuple(field for field in expected if field.key in header or not field.added)  # older runs lack added ones
    if header == [field.key for field in there]:
        return there
    raise ValueError(f"columns are {', '.join(header)}; expected {', '.join(field.key for field in expected)}")


def blank_column(field: Column, rows: int) -> np.ndarray:
    """A column of blanks."""
    return np.full(rows, _BLANK[field.kind], dtype=_DTYPES[field.kind])


def _cell(field: Column, text: str, number: int) -> Any:
    if field.kind == "string":
        return text
    if text == "":
        return _BLANK[field.kind]
    if field.kind == "boolean":
        if text not in ("true", "false"):
            raise ValueError(f"line {number}, column {field.key}: {text!r} is not true or false")
        return text == "true"
    try:
        return int(text) if field.kind == "integer" else float(text)
    except ValueError:
        raise ValueError(f"line {number}, column {field.key}: {text!r} is not a number") from None


def frame(name: str, table: Columns) -> pandas.DataFrame:
    """The table as a DataFrame; pandas is imported here and not before."""
    import pandas

    shown: dict[str, Any] = dict(table)
    for field in TABLES[name]:
        if field.kind == "integer" and field.optional:
            shown[field.key] = pandas.array(np.where(table[field.key], table[field.key], -1), dtype="Int64")
            shown[field.key][table[field.key] == 0] = pandas.NA
        elif field.kind == "string":
            shown[field.key] = pandas.array(list(table[field.key]), dtype="str")
    return pandas.DataFrame(shown)
