"""Whatever stands in the cells of a workbook: it loads, or every fault is told as one of the input."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_files import OPTIONS, write_model, write_scenario

from kctopt.errors import ScenarioErrors
from kctopt.scenario import workbook
from kctopt.scenario.grids import Book, read_book
from kctopt.scenario.load import load
from kctopt.scenario.new_workbook import write_workbook
from kctopt.scenario.nodes import Faults

CELLS = st.one_of(
    st.floats(), st.booleans(), st.integers(-3, 2040).map(float), st.just(""), st.text(max_size=12),
    st.sampled_from(["ai-B", "ai", "floor", "band", "是", "无", "none", "２０３０", "30%", "2026-2030", "id", "F;P"]),
    st.just(datetime.date(2026, 3, 1)), st.just(datetime.timedelta(1)),
)  # fmt: skip
EDITS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 45), st.integers(0, 24), CELLS), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    folder, before = tmp_path_factory.mktemp("fuzz"), Path.cwd()
    os.chdir(folder)
    write_model(folder / "model", **OPTIONS)
    write_scenario(folder, "model: ./model\npolicies:\n  - {id: f, kind: floor, domain: ai, amount: 2}\n", "base.yaml")
    write_workbook(Path("case.xlsx"), "base.yaml")
    yield read_book(Path("case.xlsx").read_bytes(), "case.xlsx", Faults())
    os.chdir(before)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_any_cells_load_or_are_faults(book: Book, edits: list[tuple[int, int, int, Any]]) -> None:
    changed = {key: [list(row) for row in grid.rows] for key, grid in book.grids.items()}
    for sheet, row, column, value in edits:
        rows = list(changed.values())[sheet % len(changed)]
        cells = rows[row % len(rows)]
        cells[column % len(cells)] = value
    grids = {key: type(grid)(grid.file, grid.name, changed[key], {}) for key, grid in book.grids.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workbook, "read_book", lambda *_: Book(grids, book.written))
        try:
            loaded = load("case.xlsx")
        except ScenarioErrors as error:
            assert error.faults and all(fault.message for fault in error.faults)
        else:
            assert loaded.scenario.name
