"""Figures of lines against their rivals: levels and trends follow from them by the rules of docs/calibration.md, both
models agree, what is cut stays beside the cut, and grades are counted."""

from __future__ import annotations

import csv
import math
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median

import pytest
from bundled import scenario
from pytest import approx

from kctopt.scenario.load import load
from kctopt.scenario.records import TYPES, Line, Scenario

MODELS = Path(__file__).parents[1] / "models"
CAP = 1.5  # a ratio above this is cut
YEARS = 10  # of a trend, to 2035
RULES: dict[str, Callable[[float, float], float]] = {
    "shares": lambda own, rival: own / rival,
    "counts": lambda own, rival: own / rival,
    "level": lambda own, rival: own / rival,
    "inverse": lambda own, rival: rival / own,
    "elo": lambda own, rival: 10 ** ((own - rival) / 400),
}
GRADES = {  # rows of provenance, so that progress is visible
    "kct-2019": {"A": 2, "B": 2, "C": 12, "assumption": 103},
    "kct-2035": {"A": 3, "B": 1, "C": 33, "assumption": 93},
    "kct-lines": {"A": 3, "B": 1, "C": 45, "assumption": 150},
}
RANGES = {"kct-2019": 11, "kct-2035": 20, "kct-lines": 30}
Rows = list[dict[str, str]]


def table(model: str, name: str) -> Rows:
    with (MODELS / model / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ratios() -> dict[str, float]:
    """Ratio to the rival of every line that has a figure: the middle one where several disagree."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in table("kct-lines", "sources/line_levels"):
        found[row["line"]].append(RULES[row["rule"]](float(row["own"]), float(row["rival"])))
    return {line: math.prod(many) ** 0.5 if len(many) == 2 else median(many) for line, many in found.items()}


def substitutes(world: Scenario) -> float:
    """Points that the emergency substitutes of a bottleneck line below parity hold up in the base year."""
    law = world.substitution
    return law.output * (0.08 / law.reference_share) ** law.elasticity / law.depreciation


@pytest.fixture(scope="module")
def lines() -> Scenario:
    return scenario("lines-baseline")


@pytest.fixture(scope="module")
def cells() -> Scenario:
    return scenario("baseline")


def weights(line: Line, kind: str) -> float:
    return line.weight * line.membership[kind]


# --- lines ---------------------------------------------------------------------------------------------------------


def test_ratios_in_the_table_follow_from_its_figures() -> None:
    for row in table("kct-lines", "sources/line_levels"):
        ratio = RULES[row["rule"]](float(row["own"]), float(row["rival"]))
        assert float(row["ratio"]) == approx(ratio, abs=5e-5), row["line"]
        assert row["source"], row["line"]
        assert row["grade"] in "ABC", row["line"]


def test_level_of_a_line_with_figures_is_the_middle_one_cut_at_the_cap(lines: Scenario) -> None:
    world = {line.id: line.capability for line in lines.lines}
    assert set(ratios()) <= set(world)
    for name, ratio in ratios().items():
        added = (
            3.118 if name == "lithography" else 0
        )  # what is usable counts substitutes too, which are most of it here
        assert world[name] == approx(100 * min(CAP, ratio) + added, abs=0.06 if added else 0.5), name


def test_trend_of_a_line_with_two_years_is_cut_by_the_stated_rule(lines: Scenario) -> None:
    world = {line.id: line for line in lines.lines}
    for row in table("kct-lines", "sources/line_trends"):
        line, level = world[row["line"]], world[row["line"]].capability / 100
        years = float(row["last_year"]) - float(row["first_year"])
        read = float(row["kept"]) * (float(row["last"]) - float(row["first"])) / years
        most, least = max(0.0, (1 - level) / YEARS), -level / 3 / YEARS  # parity, a third of the level
        assert line.trend == approx(min(max(read, least), most), abs=0.00051), line.id


def test_ten_years_on_trend_pass_neither_parity_nor_a_third_of_the_level(lines: Scenario) -> None:
    for row in table("kct-lines", "sources/line_trends"):
        line = next(one for one in lines.lines if one.id == row["line"])
        after, level = line.capability / 100 + YEARS * line.trend, line.capability / 100
        assert level * 2 / 3 - 0.006 <= after <= max(level, 1.006), line.id


# --- cells ---------------------------------------------------------------------------------------------------------


def basis() -> dict[str, dict[str, str]]:
    return {row["cell"]: row for row in table("kct-2035", "sources/cells")}


def test_lines_with_figures_decide_the_cells_in_which_they_weigh_half_or_more(lines: Scenario) -> None:
    with_figure, stated = set(ratios()), basis()
    for domain in lines.domains:
        for kind in TYPES:
            inside = [line for line in lines.lines if line.domain == domain.id]
            whole = sum(weights(line, kind) for line in inside)
            share = sum(weights(line, kind) for line in inside if line.id in with_figure) / whole
            assert (stated[f"{domain.id}-{kind}"]["basis"] == "lines") == (share >= 0.5), (domain.id, kind)


def test_cells_that_lines_decide_are_their_means(lines: Scenario, cells: Scenario) -> None:
    stated = basis()
    for cell in cells.lines:
        if stated[cell.id]["basis"] == "lines":
            inside = [line for line in lines.lines if line.domain == cell.domain]
            whole = sum(weights(line, cell.id[-1]) for line in inside)
            for field, near in (("capability", 0.051), ("trend", 0.00051)):
                mean = sum(weights(line, cell.id[-1]) * getattr(line, field) for line in inside) / whole
                assert getattr(cell, field) == approx(mean, abs=near), (cell.id, field)


def pillars() -> dict[str, float]:
    """China over United States by cell, uncut: from the pillars, for clean energy from shares."""
    parts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in table("kct-2035", "sources/belfer_pillars"):
        if row["domain"]:
            pair = parts[f"{row['domain']}-{row['type']}"]
            pair[0] += float(row["weight"]) * float(row["china"])
            pair[1] += float(row["weight"]) * float(row["united_states"])
    for row in table("kct-2035", "sources/clean_energy_shares"):
        parts[f"clean-energy-{row['type']}"] = [float(row["china"]), float(row["united_states"])]
    return {cell: 100 * china / states for cell, (china, states) in parts.items()}


def test_the_uncut_ratio_stands_beside_every_cell(cells: Scenario) -> None:
    stated, uncut = basis(), pillars()
    assert list(stated) == [cell.id for cell in cells.lines]
    for cell in cells.lines:
        row = stated[cell.id]
        if row["basis"] == "assumption":
            assert row["uncut"] == ""
            continue
        assert float(row["uncut"]) == approx(uncut[cell.id], abs=0.051), cell.id
        if row["basis"] != "lines":
            assert cell.capability == approx(min(100 * CAP, uncut[cell.id]), abs=0.051), cell.id


@pytest.mark.parametrize("name", ["baseline", "lines-baseline"])
def test_the_note_of_a_level_that_is_cut_says_the_uncut_one(name: str) -> None:
    notes = {row.path: row.note for row in load(name).scenario.provenance}
    if name == "lines-baseline":
        cut = {line: 100 * ratio for line, ratio in ratios().items() if ratio > CAP}
        assert set(cut) == {"batteries"}
    else:
        named = {f"lines[{cell}].capability" for cell in basis()} & set(notes)
        cut = {
            cell: ratio
            for cell, ratio in pillars().items()
            if ratio > 100 * CAP and f"lines[{cell}].capability" in named
        }
        assert set(cut) == {
            "semiconductors-A",
            "semiconductors-M",
            "clean-energy-A",
            "clean-energy-B",
            "clean-energy-M",
        }
    for line, uncut in cut.items():
        note = notes[f"lines[{line}].capability"]
        assert "uncut" in note, line
        assert any(f"{uncut:.{digits}f}".rstrip("0").rstrip(".") in note for digits in (0, 1)), line


# --- grades and ranges ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", GRADES)
def test_grades_are_counted(model: str) -> None:
    assert dict(sorted(Counter(row["grade"] for row in table(model, "provenance")).items())) == GRADES[model]
    assert sum(row["low"] != "" for row in table(model, "provenance")) == RANGES[model]


@pytest.mark.parametrize(
    "path",
    [
        "rungs.depreciation", "knowledge.effort_elasticity", "diffusion.catch_up", "cut_off.loss", "economy.trend",
        "military.indices[sipri].trend", "military.indices[cinc].trend", "lines.rival_growth", "money.history_growth",
        "knowledge.induced_innovation",
    ],
)  # fmt: skip
def test_every_figure_with_a_published_spread_states_it(path: str) -> None:
    for name in ("baseline", "lines-baseline"):
        row = next(row for row in scenario(name).provenance if row.path == path)
        assert row.low is not None, name
        assert row.high is not None, name
        assert row.low < row.high, name


def test_levels_by_figures_state_their_spread(lines: Scenario, cells: Scenario) -> None:
    without = {"power-devices", "perovskite-tandem", "batteries"}  # one reading at parity or cut
    rows = {row.path: row for row in (*lines.provenance, *cells.provenance)}
    for line in set(ratios()) - without:
        assert rows[f"lines[{line}].capability"].low is not None, line
    for cell, row in basis().items():
        if row["basis"] == "lines":
            assert rows[f"lines[{cell}].capability"].high is not None, cell
    for cell in ("ai-M", "quantum-A", "biotech-A"):
        assert rows[f"lines[{cell}].trend"].low is not None, cell


@pytest.mark.parametrize("name", ["baseline", "lines-baseline"])
@pytest.mark.parametrize("end", ["low", "high"])
def test_the_ends_of_all_ranges_are_a_world_that_can_be_calibrated(name: str, end: str) -> None:
    ranges = {row.path: getattr(row, end) for row in scenario(name).provenance if row.low is not None}
    ends = load(name, set=ranges)
    assert not [note for note in ends.notes if "outside the range" in note]
