"""The tables of a back-cast: paths, errors, lines, parameters and variants."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from kctopt.backcasting.fit import Fit, fit
from kctopt.backcasting.methods import METHODS, Miss, expected, misses, spread_of
from kctopt.backcasting.observed import History
from kctopt.backcasting.starts import AS_STATED, Paths, Reading, Start, impossible, starts, with_values
from kctopt.errors import ScenarioErrors
from kctopt.simulator.world import Array

if TYPE_CHECKING:
    import pandas as pd

DRIFTS = (0.5, 1.0, 2.0)  # what the share of a line in the money comes to by its last figure, over what it was
VARIANTS = (
    *(("money", drift) for drift in DRIFTS),
    ("elasticity", 3.0),  # between suppliers
    ("quality", 0.7),  # of what is counted
)
TABLES = ("paths", "errors", "lines", "parameters", "variants")


@dataclass(frozen=True)
class Tables:
    """What a back-cast finds; `Backcast` says what each table holds."""

    history: History
    paths: pd.DataFrame
    errors: pd.DataFrame
    lines: pd.DataFrame
    parameters: pd.DataFrame
    variants: pd.DataFrame

    @property
    def held(self) -> bool:
        """Whether values within the ranges fit every line."""
        return bool(self.lines["fits"].all())


def tables_of(history: History) -> dict[str, pd.DataFrame]:
    """The tables by name. Raises ScenarioErrors for a line that the laws cannot start from."""
    worlds = starts(history)
    path, (low, high) = _joined(worlds), _band(history, worlds)
    missed = misses(history, path)
    together = fit(history, worlds)
    alone = {line: fit(history, worlds, line) for line in history.lines}
    trends = {line: fit(history, worlds, line, trend=True) for line in history.lines}
    return {
        "paths": _frame(_path_rows(history, path, low, high)),
        "errors": _frame([vars(miss) | {"points": miss.points, "log": miss.log} for miss in missed]),
        "lines": _frame(_line_rows(history, worlds, missed, alone, trends)),
        "parameters": _frame(_parameter_rows([together, *alone.values(), *trends.values()])),
        "variants": _frame(_variant_rows(history)),
    }


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _joined(worlds: Sequence[Start], drift: float = 1.0) -> Paths:
    return {line: path for world in worlds for line, path in world.simulated(drift=drift).items()}


def _band(history: History, worlds: Sequence[Start]) -> tuple[Paths, Paths]:
    """Least and largest path over the corners of the ranges and over drifts of money."""
    low: dict[str, Array] = {}
    high: dict[str, Array] = {}
    names = [span.path for span in history.ranges]
    for corner in itertools.product(*((span.low, span.high) for span in history.ranges)):
        values = dict(zip(names, corner, strict=True))
        for world in worlds:
            if faults := impossible(with_values(world.scenario, values)):
                raise ScenarioErrors(faults)
            for drift in DRIFTS:
                for line, path in world.simulated(values, drift).items():
                    low[line] = np.minimum(low.get(line, path), path)
                    high[line] = np.maximum(high.get(line, path), path)
    return low, high


def _path_rows(history: History, path: Paths, low: Paths, high: Paths) -> list[dict[str, Any]]:
    rows = []
    for line in history.lines:
        figures = history.of(line)
        observed = {figure.year: figure.read() for figure in figures}
        for n, value in enumerate(path[line]):
            year = figures[0].year + n
            row: dict[str, Any] = {"line": line, "year": year, "observed": observed.get(year)}
            row |= {"simulated": value, "low": low[line][n], "high": high[line][n]}
            rows.append(row | dict.fromkeys(METHODS[1:]) | expected(figures, year))
    return rows


def _line_rows(
    history: History, worlds: Sequence[Start], missed: Sequence[Miss], alone: dict[str, Fit], trends: dict[str, Fit]
) -> list[dict[str, Any]]:
    rows = []
    caps = {line: cap for world in worlds for line, cap in world.caps().items()}
    for line in history.lines:
        figures, own = history.of(line), [miss for miss in missed if miss.line == line]
        end = next(miss for miss in own if miss.year == figures[-1].year and miss.method == "simulated")
        (trend,) = trends[line].parameters
        fits = trends[line].fits
        interval = (trend.interval if fits else None) or (None, None)
        rows.append(
            {"line": line, "first_year": figures[0].year, "last_year": end.year, "figures": len(figures)}
            | {"first_observed": figures[0].read(), "last_observed": end.observed, "last_simulated": end.value}
            | {f"log_{method}": spread_of(own, method) for method in METHODS}
            | {
                "inflow_cap": caps[line],
                "fits": alone[line].fits,
                "log_fitted": spread_of(alone[line].misses, "simulated"),
            }
            | {"trend_needed": trend.value if fits else None, "trend_low": interval[0], "trend_high": interval[1]}
            | {"trend_least": trend.low, "trend_most": trend.high, "fits_with_trend": fits}
        )
    return rows


def _parameter_rows(fits: Sequence[Fit]) -> list[dict[str, Any]]:
    rows = []
    for parameter in (parameter for found in fits for parameter in found.parameters):
        least, most = parameter.interval or (None, None)
        row = {name: value for name, value in vars(parameter).items() if name != "interval"}
        rows.append(row | {"interval_low": least, "interval_high": most})
    return rows


def _variant_rows(history: History) -> list[dict[str, Any]]:
    """The last figure of each line, simulated in each variant that speaks of it."""
    rows = []
    for variant, value in VARIANTS:
        reading = AS_STATED if variant == "money" else Reading(**{variant: value})
        path = _joined(starts(history, reading), value if variant == "money" else 1.0)
        for line in history.lines:
            rule, year = history.of(line)[0].rule, history.of(line)[-1].year
            if (variant, rule) in (("elasticity", "shares"), ("quality", "counts")) or variant == "money":
                own = [miss for miss in misses(history, path, reading, [line]) if miss.method == "simulated"]
                end = next(miss for miss in own if miss.year == year)
                rows.append(
                    {"variant": variant, "factor": value, "line": line, "year": year, "observed": end.observed}
                    | {"simulated": end.value, "log": end.log, "log_all": spread_of(own, "simulated")}
                )
    return rows
