"""All scenarios of a workbook: the base, and the variants in its columns."""

from __future__ import annotations

from pathlib import Path

from kctopt.errors import Fault, MissingExtra, ScenarioErrors
from kctopt.scenario.files import Reading
from kctopt.scenario.layers import WORKBOOK_FILE, WORKBOOKS, Layer, read_layer, scenario_path
from kctopt.scenario.load import load


def variants(source: str | Path) -> dict[str, str]:
    """What `load` takes for each variant of a workbook, FILE.xlsx#NAME, by name; none of any other scenario.

    Raises ScenarioErrors where it cannot be read.
    """
    reading = Reading()
    path = scenario_path(source, reading)
    if path.suffix.lower() not in WORKBOOKS:
        return {}
    names = read_layer(path, reading).variants.layers
    file = Path(source) / WORKBOOK_FILE if Path(source).is_dir() else source
    return {name: f"{file}#{name}" for name in names}


def book_of(path: Path) -> Layer | None:
    """A scenario workbook as a layer; None where it is none, or cannot be read."""
    try:
        return read_layer(path, Reading())
    except (ScenarioErrors, MissingExtra):
        return None


def all_of(source: str) -> tuple[str, ...]:
    """A source, and behind a workbook its variants; of what cannot be read the source alone."""
    try:
        return (source, *variants(source).values())
    except ScenarioErrors:  # told by whoever loads it
        return (source,)


def all_sound(source: str) -> tuple[str, ...]:
    """The same; raises ScenarioErrors with every fault of a workbook that has variants, those of all together."""
    sources = all_of(source)
    faults: dict[Fault, None] = {}
    for each in sources if len(sources) > 1 else ():
        try:
            load(each)
        except ScenarioErrors as error:
            faults |= dict.fromkeys(error.faults)
    if faults:
        raise ScenarioErrors(faults)
    return sources
