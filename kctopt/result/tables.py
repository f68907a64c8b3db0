"""Tables of a plan from its money and its simulated trajectory.

| table | one row for each |
|---|---|
| allocation | line, planned year, track and rung |
| capability | line and year, base year and tail included |
| stages | line and year |
| indices | index, domain and year |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from kctopt.result.fields import MONEY_UNIT, POINTS, Columns, columns
from kctopt.scenario.records import RUNGS, TYPES, Horizon, Line, Scenario
from kctopt.scenario.select import quadrant
from kctopt.simulator import Money
from kctopt.simulator.value import grown

if TYPE_CHECKING:
    from kctopt.simulator import Trajectory

TRACK_RUNGS = (("strategic", "F"), ("strategic", "P"), ("strategic", "R"), ("substitution", ""), ("exchange", ""))
STAGES = ("far", "reach", "near")
Standing = Literal["stage", "gap_band"]
SCALED = "points, base year = 100"
UNHARMED = "points, base year without cut-off = 100"
SCORE = "points, rival = 100"
INDEX_UNITS = {
    "security": UNHARMED, "economic": UNHARMED, "military": UNHARMED, "technology": SCALED, "loss": POINTS,
    "military_loss": POINTS, "market": POINTS, "kct": SCORE, "economy_ratio": "own over rival's",
    "military_ratio": "own over rival's", "accelerator": SCALED, **{f"score_{name}": SCORE for name in TYPES},
}  # fmt: skip


def main_type(line: Line) -> str:
    """The type with the line's largest membership; the first of B, A, M, S where several are largest."""
    return max(TYPES, key=lambda type_id: (line.membership[type_id], -TYPES.index(type_id)))


def standing(scenario: Scenario) -> Standing:
    """The column of `stages` by which people are told where a line stands: its stage, or without any its gap band."""
    return "stage" if scenario.stages == "switching" else "gap_band"


def plan_of(horizon: Horizon, year: int) -> str:
    """Id of the planning period that holds `year`."""
    return next(plan.id for plan in horizon.plans if plan.first <= year <= plan.last)


def spend_by_track(money: Money) -> np.ndarray:
    """All spend of a plan as one array, shape (lines, 5, years): rungs F, P, R, substitution, exchange."""
    return np.concatenate(
        [money.strategic, money.substitution[:, None, :], money.exchange[:, None, :]], axis=1, dtype=np.float64
    )


def allocation(scenario: Scenario, money: Money) -> Columns:
    """Spend by line, planned year, track and rung, billion CNY."""
    horizon, lines = scenario.horizon, scenario.lines
    amounts = np.moveaxis(spend_by_track(money), 1, 2)  # lines, years, tracks
    across = {
        "line": [line.id for line in lines],
        "domain": [line.domain for line in lines],
        "type": [main_type(line) for line in lines],
    }
    return columns(
        "allocation",
        {name: np.array(values, dtype=object)[:, None, None] for name, values in across.items()}
        | {
            "plan": np.array([plan_of(horizon, year) for year in horizon.years], dtype=object)[:, None],
            "year": np.array(horizon.years)[:, None],
            "track": np.array([track for track, _ in TRACK_RUNGS], dtype=object),
            "rung": np.array([rung for _, rung in TRACK_RUNGS], dtype=object),
            "amount": amounts,
            "unit": MONEY_UNIT,
        },
    )


def money_of(scenario: Scenario, table: Columns) -> Money | None:
    """The money in a table of allocations, None if it is empty; raises ValueError for a missing or doubled row."""
    if not len(table["amount"]):
        return None
    lines = {line.id: i for i, line in enumerate(scenario.lines)}
    years = {year: n for n, year in enumerate(scenario.horizon.years)}
    tracks = {track: position for position, track in enumerate(TRACK_RUNGS)}
    amounts = np.full((len(lines), 5, len(years)), np.nan)
    cells = zip(*(table[name].tolist() for name in ("line", "year", "track", "rung", "amount")), strict=True)
    for row, (line, year, track, rung, amount) in enumerate(cells, start=2):
        if line not in lines or year not in years or (track, rung) not in tracks:
            raise ValueError(f"allocation, line {row}: {line}, {year}, {track} {rung} is not in the scenario")
        place = lines[line], tracks[track, rung], years[year]
        if not np.isnan(amounts[place]):
            raise ValueError(f"allocation, line {row}: {line}, {year}, {track} {rung} stands there twice")
        amounts[place] = amount
    if np.isnan(amounts).any():
        i, track_number, n = np.argwhere(np.isnan(amounts))[0]
        name = " ".join(TRACK_RUNGS[track_number]).strip()
        raise ValueError(f"allocation: no amount for {list(lines)[i]}, {list(years)[n]}, {name}")
    return Money(amounts[:, :3], amounts[:, 3], amounts[:, 4])


def capability(scenario: Scenario, path: Trajectory) -> Columns:
    """State of every line by year, base year first, tail years last, index points."""
    weights = np.array([rung.capability_weight for rung in scenario.rungs])
    made = np.einsum("r,irn->in", weights, path.production)
    stocks = {f"stock_{rung}": path.stock[:, r, :] for r, rung in enumerate(RUNGS)}
    return columns(
        "capability",
        _line_years(scenario)
        | {name: getattr(path, name) for name in ("capability", "substitute", "usable", "rival", "gap", "dependency")}
        | {"production": _after_base(made), "inflow": _after_base(path.inflow)}
        | {"exchange_gain": _after_base(path.exchange_gain)}
        | stocks,
    )


def stages(scenario: Scenario, path: Trajectory) -> Columns:
    """Gap band, stage in force and binding diffusion cap of every line by year."""
    names = np.array([*STAGES, ""], dtype=object)  # -1 is no cap
    first = np.full((len(scenario.lines), 1), -1)
    rule = np.array([quadrant(scenario, i) for i in range(len(scenario.lines))], dtype=object)
    return columns(
        "stages",
        _line_years(scenario)
        | {
            "gap_band": names[path.gap_band],
            "stage": names[path.stage],
            "binding": names[np.concatenate([first, path.binding], axis=1)],
            "quadrant": rule[:, None],
        },
    )


def indices(scenario: Scenario, path: Trajectory) -> Columns:
    """National and domain indices by year; absent scores are left out."""
    years = np.array([scenario.horizon.base_year, *scenario.horizon.all_years])
    entries = [(name, domain, values, unit) for name, domain, values, unit in _index_rows(scenario, path)]
    count, length = len(entries), len(years)
    return columns(
        "indices",
        {
            "index": np.repeat(np.array([entry[0] for entry in entries], dtype=object), length),
            "domain": np.repeat(np.array([entry[1] for entry in entries], dtype=object), length),
            "year": np.tile(years, count),
            "after_plan": np.tile(years > scenario.horizon.last_year, count),
            "value": np.concatenate([entry[2] for entry in entries]),
            "unit": np.repeat(np.array([entry[3] for entry in entries], dtype=object), length),
        },
    )


def _index_rows(scenario: Scenario, path: Trajectory) -> list[tuple[str, str, np.ndarray, str]]:
    """(index, domain, values by year, unit) of every index, the national ones first."""
    kept = ("security", "economic", "military", "technology", "loss", "military_loss", "market", "kct")
    rows = [(name, "", getattr(path, name)) for name in kept]
    rows += [
        ("economy_ratio", "", scenario.economy.ratio * grown(path.economic)),
        ("military_ratio", "", scenario.military.chosen.ratio * grown(path.military)),
    ]
    rows += [(f"score_{name}", "", path.national_score[k]) for k, name in enumerate(TYPES)]
    for d, domain in enumerate(scenario.domains):
        rows.append(("kct", domain.id, path.kct_domain[d]))
        rows.append(("accelerator", domain.id, path.accelerator[d]))
        rows += [(f"score_{name}", domain.id, path.score[d, k]) for k, name in enumerate(TYPES)]
    return [(*row, INDEX_UNITS[row[0]]) for row in rows if not np.isnan(row[2]).all()]


def _line_years(scenario: Scenario) -> dict[str, np.ndarray]:
    """The columns line, domain, year and after_plan, ready to be spread over (lines, years)."""
    years = np.array([scenario.horizon.base_year, *scenario.horizon.all_years])
    return {
        "line": np.array([line.id for line in scenario.lines], dtype=object)[:, None],
        "domain": np.array([line.domain for line in scenario.lines], dtype=object)[:, None],
        "year": years,
        "after_plan": years > scenario.horizon.last_year,
    }


def _after_base(flow: np.ndarray) -> np.ndarray:
    """A flow by year with nan for the base year in front, shape (lines, H+1)."""
    return np.concatenate([np.full((len(flow), 1), np.nan), flow], axis=1)
