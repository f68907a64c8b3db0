"""Figures of own against rival capability by line and year, and the model folder they lie in.

    shares   ratio = (own / rival)^(1/(s-1))          s = elasticity between suppliers, 2 by default
    counts   ratio = quality * own / rival            quality of what is counted, 1 by default
    level    ratio = own / rival
    elo      ratio = 10^((own - rival)/400)

A folder holds a model, `observations.csv` (one row a line and year, with these rules) and `ranges.csv` (least and
largest value of the parameters that a fit may move).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from kctopt.errors import ScenarioErrors, suggest
from kctopt.scenario.build import INVALID, Builder
from kctopt.scenario.bundled import bundled_models, bundled_root
from kctopt.scenario.check import checked
from kctopt.scenario.field_kinds import fields
from kctopt.scenario.files import Reading, called
from kctopt.scenario.modelfolder import read_model
from kctopt.scenario.nodes import Faults, Node, Origin
from kctopt.scenario.record import quantity
from kctopt.scenario.records import SCHEMA_VERSION, Grade, Record, Scenario
from kctopt.scenario.tables import InputTable, read_table

PRINTED = 0.005  # relative distance of a stated ratio to that of its rule: figures are printed with few digits
FEWEST = 2  # years a line needs: one to start from, one to hold the simulation against


class Observation(Record):
    """A figure of own against rival capability on one line in one year, and how it is read."""

    line: str
    year: int = quantity("year of the model that the figure stands for", "year", ge=1900, le=2200)
    date: str = ""
    measure: str
    rule: Literal["shares", "counts", "level", "elo"]
    own: float = quantity("own figure", "as measured", gt=0)
    rival: float = quantity("figure of the leading single country of the other side", "as measured", gt=0)
    rival_name: str
    ratio: float = quantity("own capability over the rival's, by the rule", "ratio", gt=0)
    own_money: float | None = quantity("own money on the line, where published", "any", default=None, gt=0)
    rival_money: float | None = quantity("the rival's, in the same unit", "any", default=None, gt=0)
    source: str
    licence: str
    grade: Grade
    note: str = ""

    def read(self, elasticity: float = 2.0, quality: float = 1.0) -> float:
        """Ratio by the rule of the row."""
        match self.rule:
            case "shares":
                return float((self.own / self.rival) ** (1 / (elasticity - 1)))
            case "counts":
                return quality * self.own / self.rival
            case "level":
                return self.own / self.rival
            case "elo":
                return float(10 ** ((self.own - self.rival) / 400))


class Range(Record):
    """Least and largest value of a parameter in what was published, or assumed."""

    path: str
    low: float = quantity("least value", "as the parameter")
    high: float = quantity("largest value", "as the parameter")
    source: str
    grade: Grade
    note: str = ""


@dataclass(frozen=True)
class History:
    """A model and what was observed on its lines."""

    model: Scenario
    observations: tuple[Observation, ...]
    ranges: tuple[Range, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Lines with figures, in the order of the model."""
        known = {figure.line for figure in self.observations}
        return tuple(line.id for line in self.model.lines if line.id in known)

    def of(self, line: str) -> tuple[Observation, ...]:
        """Figures of a line by year."""
        return tuple(
            sorted((figure for figure in self.observations if figure.line == line), key=lambda figure: figure.year)
        )


def read_history(source: str | Path) -> History:
    """The model, figures and ranges of a bundled model or a folder. Raises ScenarioErrors with every fault found."""
    reading = Reading()
    folder = _folder(source, reading)
    model: Scenario | None = None
    with suppress(ScenarioErrors):  # noted; the figures are read all the same
        model = read_world(folder, reading)
    tables = {name: _table(folder / name, record, reading) for name, record in _TABLES.items()}
    faults = reading.faults
    if model is not None:
        _check_figures(tables["observations.csv"], model, faults)
        _check_ranges(tables["ranges.csv"], model, faults)
    if faults or model is None:
        raise faults.errors()
    figures, ranges = ([row for row, _ in tables[name]] for name in _TABLES)
    return History(model, tuple(figures), tuple(ranges))


_TABLES: dict[str, type[Record]] = {"observations.csv": Observation, "ranges.csv": Range}


def _folder(source: str | Path, reading: Reading) -> Path:
    bundled = bundled_root() / "models" / str(source)
    folder = bundled if isinstance(source, str) and source in bundled_models() else Path(source).expanduser()
    if not (folder / "model.yaml").is_file():
        hint = suggest(str(source), bundled_models(), most=0) or "give the path of a folder with a model.yaml"
        raise reading.faults.stop(Origin(""), "", f"no model '{source}'", hint)
    return folder.resolve()


def read_world(folder: Path, reading: Reading) -> Scenario:
    """A model folder as a scenario that changes nothing. Raises ScenarioErrors."""
    root, name = read_model(folder, reading), folder.name
    top = Origin(called(folder / "model.yaml"), 1)
    said: dict[str | int, Node] = {language: Node(name, top, text=name) for language in ("en", "zh")}
    root.value |= {
        "schema_version": Node(SCHEMA_VERSION, top),
        "name": Node(name, top, text=name),
        "label": Node(said, top),
        "intent": Node("", top, text=""),
        "model": Node(name, top, text=name),
    }
    return checked(root, reading.faults)


def _table(path: Path, record: type[Record], reading: Reading) -> list[tuple[Any, Origin]]:
    """Rows of a table that are whole, each with its place."""
    try:
        node = read_table(path, InputTable(record, (path.stem,)), reading)
    except ScenarioErrors:  # noted
        return []
    builder = Builder(Node({path.stem: node}, node.origin), reading.faults)
    rows = [
        (builder.record(child, record, (path.stem, n)), child.origin)
        for n, child in enumerate(node.value)
        if not child.faulty
    ]
    return [(row, origin) for row, origin in rows if row is not INVALID]


def _check_figures(rows: list[tuple[Any, Origin]], model: Scenario, faults: Faults) -> None:
    lines, last = [line.id for line in model.lines], model.horizon.last_year
    money = model.budget.root
    first: dict[tuple[str, int], Origin] = {}
    for row, place in rows:
        path = f"observations[{row.line}, {row.year}]"
        if row.line not in lines:
            faults.add(place, path, f"unknown line '{row.line}'", suggest(row.line, lines))
        if row.year > last:
            faults.add(
                place, path, f"{row.year} lies after {last}, the last year of the model", "move horizon.last_year"
            )
        if isinstance(money, dict) and row.year < min(money):
            faults.add(place, path, f"budget states no year before {min(money)}", "give the money of this year too")
        if abs(row.ratio / row.read() - 1) > PRINTED and abs(row.ratio - row.read()) > 1e-4:
            told = f"states the ratio {row.ratio:g}; by the rule '{row.rule}' it is {row.read():.4g}"
            faults.add(place, f"{path}.ratio", told, "correct one of them")
        if (row.line, row.year) in first:
            told = f"is given twice (first at {first[row.line, row.year]})"
            faults.add(place, path, told, "keep one of the two")
        first.setdefault((row.line, row.year), place)
    for line in dict.fromkeys(line for line, _ in first):
        years = sorted(year for name, year in first if name == line)
        if len(years) < FEWEST:
            told = f"line '{line}' has a figure of {years[0]} alone"
            hint = "a back-cast needs two years: one to start from, one to compare with"
            faults.add(first[line, years[0]], f"observations[{line}]", told, hint)


def _check_ranges(rows: list[tuple[Any, Origin]], model: Scenario, faults: Faults) -> None:
    for row, place in rows:
        group, _, name = row.path.partition(".")
        record = getattr(model, group, None)
        kinds = fields(type(record)) if isinstance(record, Record) else {}
        if name not in kinds or kinds[name].form != "number":
            told, hint = f"'{row.path}' is not a number of a group of laws", "such as diffusion.catch_up"
            faults.add(place, f"ranges[{row.path}]", told, suggest(name, kinds, most=0) or hint)
        elif not row.low < row.high:
            faults.add(
                place, f"ranges[{row.path}]", f"low {row.low:g} does not lie below high {row.high:g}", "swap them"
            )
