"""Published stochastic programs as lists of arrays with named shared columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from kctopt.naming import Name
from kctopt.recourse.extensive import Shared
from kctopt.recourse.problem import Problem
from kctopt.solver.compiled import Compiled

INF = np.inf
Columns = Mapping[str, tuple[float, float, float]]  # least, most, objective
Row = tuple[Mapping[str, float], float, float]


def program(columns: Columns, rows: Sequence[Row], sense: str = "max", whole: Sequence[str] = ()) -> Compiled:
    """Arrays of a linear program, with columns that are whole numbers."""
    names, sign = list(columns), -1.0 if sense == "max" else 1.0
    matrix = np.zeros((len(rows), len(names)))
    for n, (row, _, _) in enumerate(rows):
        for name, value in row.items():
            matrix[n, names.index(name)] = value
    lower, upper, cost = (np.array([columns[name][k] for name in names], float) for k in range(3))
    sides = [np.array([row[k] for row in rows], float) for k in (1, 2)]
    integer = np.array([name in whole for name in names])
    return Compiled(
        [Name(name) for name in names], lower, upper, sign * cost, 0.0, sign, sparse.csr_array(matrix), *sides,
        [Name(f"row[{n}]") for n in range(len(rows))], [], {}, integer, np.ones(len(names)), 1.0,
    )  # fmt: skip


def financial_planning() -> Problem:
    """Birge and Louveaux (2011), section 1.2: 55 over three periods to a target of 80; shortfall costs 4, surplus 1."""
    up, down, states = (1.25, 1.14), (1.06, 1.12), []
    for n in range(8):
        returns = [down if n >> (2 - t) & 1 else up for t in range(3)]
        columns = {f"{kind}[{t}]": (0.0, INF, 0.0) for t in range(3) for kind in ("stock", "bond")}
        columns |= {"surplus": (0.0, INF, 1.0), "short": (0.0, INF, -4.0)}
        rows: list[Row] = [({"stock[0]": 1, "bond[0]": 1}, 55, 55)]
        for t in (1, 2):
            stock, bond = returns[t - 1]
            rows.append(({f"stock[{t - 1}]": stock, f"bond[{t - 1}]": bond, f"stock[{t}]": -1, f"bond[{t}]": -1}, 0, 0))
        stock, bond = returns[2]
        rows.append(({"stock[2]": stock, "bond[2]": bond, "surplus": -1, "short": 1}, 80, 80))
        states.append(program(columns, rows))
    nodes = [Shared(tuple(range(8)), frozenset({"stock[0]", "bond[0]"}))]
    nodes += [Shared(tuple(range(4 * k, 4 * k + 4)), frozenset({"stock[1]", "bond[1]"})) for k in range(2)]
    nodes += [Shared(tuple(range(2 * k, 2 * k + 2)), frozenset({"stock[2]", "bond[2]"})) for k in range(4)]
    return Problem(tuple(map(str, range(8))), tuple(states), (0.125,) * 8, tuple(nodes))


def newsvendor() -> Problem:
    """Order at 10, sell at 25, the rest at 5; demand uniform on the whole numbers from 50 to 150."""
    states = []
    for demand in range(50, 151):
        columns = {"order": (0.0, INF, -10.0), "sold": (0.0, INF, 25.0), "left": (0.0, INF, 5.0)}
        states.append(
            program(columns, [({"sold": 1, "left": 1, "order": -1}, 0, 0), ({"sold": 1}, -INF, float(demand))])
        )
    shared = Shared(tuple(range(101)), frozenset({"order"}))
    return Problem(tuple(map(str, range(50, 151))), tuple(states), (1 / 101,) * 101, (shared,))


def two_plans(probability: tuple[float, ...] = (0.2, 0.4, 0.4)) -> Problem:
    """Whole units of research in two areas, now and when it is known what they are worth."""
    payoff = {"A": (0, 6, 10, 13, 15, 16, 16.5), "B": (0, 4, 8, 11, 13, 14, 14.5)}
    states = []
    for worth in ({"A": 0.3, "B": 0.0}, {"A": 0.0, "B": 0.2}, {"A": 1.5, "B": 0.0}):
        columns: dict[str, tuple[float, float, float]] = {}
        for area, values in payoff.items():
            columns |= {f"x[{area}]": (0.0, 3.0, 0.0), f"y[{area}]": (0.0, 3.0, 0.0)}
            gains = np.diff(values)
            columns |= {f"unit[{area},{k}]": (0.0, 1.0, worth[area] * gain) for k, gain in enumerate(gains)}
        rows: list[Row] = [({"x[A]": 1, "x[B]": 1}, -INF, 3), ({"y[A]": 1, "y[B]": 1}, -INF, 3)]
        for area in payoff:
            rows.append(({f"y[{area}]": 1, f"x[{area}]": -2}, -INF, 0))
            rows.append(({f"x[{area}]": 1, f"y[{area}]": 1} | {f"unit[{area},{k}]": -1 for k in range(6)}, 0, 0))
        states.append(program(columns, rows, whole=[f"{kind}[{area}]" for kind in "xy" for area in payoff]))
    shared = Shared((0, 1, 2), frozenset({"x[A]", "x[B]"}))
    return Problem(("poor", "other", "rich"), tuple(states), probability, (shared,))


def hydro_thermal() -> Problem:
    """SDDP.jl's first tutorial: water or fuel for a demand of 150 in three stages; inflow 0, 50 or 100 in each."""
    states = []
    for n in range(27):
        inflow = [50.0 * (n // 9), 50.0 * (n // 3 % 3), 50.0 * (n % 3)]
        columns: dict[str, tuple[float, float, float]] = {}
        rows: list[Row] = []
        for t in range(3):
            columns |= {f"volume[{t}]": (0.0, 200.0, 0.0), f"fuel[{t}]": (0.0, INF, 50.0 * (t + 1))}
            columns |= {f"hydro[{t}]": (0.0, INF, 0.0), f"spill[{t}]": (0.0, INF, 0.0)}
            before = {f"volume[{t - 1}]": -1.0} if t else {}
            side = inflow[t] + (0.0 if t else 200.0)
            rows.append(({f"volume[{t}]": 1.0, f"hydro[{t}]": 1.0, f"spill[{t}]": 1.0} | before, side, side))
            rows.append(({f"hydro[{t}]": 1.0, f"fuel[{t}]": 1.0}, 150.0, 150.0))
        states.append(program(columns, rows, "min"))
    kinds = ("volume", "fuel", "hydro", "spill")
    nodes = [Shared(tuple(range(9 * k, 9 * k + 9)), frozenset(f"{kind}[0]" for kind in kinds)) for k in range(3)]
    nodes += [Shared(tuple(range(3 * k, 3 * k + 3)), frozenset(f"{kind}[1]" for kind in kinds)) for k in range(9)]
    return Problem(tuple(map(str, range(27))), tuple(states), (1 / 27,) * 27, tuple(nodes))


def linear_or_leontief() -> Problem:
    """One unit of money over two uses, of which .7 x + .3 (1 - x) or min(x, 1 - x) comes."""
    linear = program({"x": (0.0, 1.0, 0.4), "one": (1.0, 1.0, 0.3)}, [])
    columns = {"x": (0.0, 1.0, 0.0), "made": (-INF, INF, 1.0)}
    least = program(
        columns,
        [({"made": 1, "x": -1}, -INF, 0), ({"made": 1, "x": 1}, -INF, 1)],
    )
    return Problem(("linear", "leontief"), (linear, least), (0.5, 0.5), (Shared((0, 1), frozenset({"x"})),))
