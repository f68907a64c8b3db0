"""Discrete choices to and from the integer columns of a program.

| column | choice |
|---|---|
| switching.stage[i,v,s] | stage of line i from review v on |
| modes.mode[d,p,m] | cooperation mode of domain d in plan p |
| programmes.start[k,t,n] | programme k starts in year t with n routes |
| scale.on[i,p], tranches.within[i,r,t,n] | follow from the money |
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from kctopt.program import Program
from kctopt.scenario.records import RUNGS
from kctopt.scenario.reviews import STAGES, held_lines, review_years, tranche_curves
from kctopt.simulator import Choices, Money, Trajectory
from kctopt.solver.compiled import Compiled


class Integers:
    """The integer columns of one program."""

    def __init__(self, program: Program, compiled: Compiled) -> None:
        scenario = program.scenario
        self.scenario, self.slots = scenario, compiled.slots
        self.lines = {line.id: n for n, line in enumerate(scenario.lines)}
        self.plans = {plan.id: plan for plan in scenario.horizon.plans}
        self.held = list(held_lines(scenario, program.base.stage))
        self.first = scenario.horizon.years[0]
        self._index = {name: _keys(compiled, name) for name in ("programmes.start", "scale.on", "tranches.within")}
        self._base_spend = program.base.history[:, :, 0]
        self._gain = self._gain_of_starts()

    def choices(self, x: np.ndarray) -> Choices:
        """Choices of columns x (..., columns); all points must agree in them, restraint excepted."""
        point, choices = x.reshape(-1, x.shape[-1])[0], Choices()
        lines, domains = len(self.lines), len(self.scenario.domains)
        if "switching.stage" in self.slots:
            shape = (lines, len(review_years(self.scenario)), len(STAGES))
            choices = replace(choices, stage=point[self.slots["switching.stage"]].reshape(shape).argmax(axis=-1))
        if "modes.mode" in self.slots:
            shape = (domains, len(self.plans), len(self.scenario.modes))
            choices = replace(choices, mode=point[self.slots["modes.mode"]].reshape(shape).argmax(axis=-1))
        if "programmes.start" in self.slots:
            choices = replace(choices, routes=self._routes(point))
        if "switching.restraint" in self.slots:
            choices = replace(choices, restraint=self._restraint(x))
        return choices

    def _routes(self, x: np.ndarray) -> np.ndarray:
        programmes = {record.id: k for k, record in enumerate(self.scenario.programmes)}
        routes = np.zeros((len(programmes), len(self.scenario.horizon.years)), int)
        for column, (programme, year, count) in self._entries("programmes.start"):
            if x[column] > 0.5:
                routes[programmes[programme], int(year) - self.first] = int(count)
        return routes

    def base_modes(self) -> np.ndarray:
        """The cooperation mode of each domain in the base year, in every plan, (domains, plans)."""
        ids = [mode.id for mode in self.scenario.modes]
        return np.array([[ids.index(domain.mode)] * len(self.plans) for domain in self.scenario.domains])

    def mixed_gain(self, x: np.ndarray) -> np.ndarray:
        """Stock that programmes bring at columns x (n, columns) where starts may be fractions, (n, L, 3, H)."""
        shape = (len(self.lines), len(RUNGS), len(self.scenario.horizon.all_years))
        return np.asarray(x[:, self.slots["programmes.start"]] @ self._gain).reshape(len(x), *shape)

    def mixed_cost(self, x: np.ndarray) -> np.ndarray:
        """Money that programmes take in each planned year at columns x where starts may be fractions, (N,)."""
        programmes = {record.id: record for record in self.scenario.programmes}
        total = np.zeros(len(self.scenario.horizon.years))
        for column, (programme, year, count) in self._entries("programmes.start"):
            first, costs = int(year) - self.first, programmes[programme].costs
            total[first : first + len(costs)] += x[column] * int(count) * np.array(costs)
        return total

    def _gain_of_starts(self) -> sparse.csr_array:
        """Stock brought by each start column, (starts, L * 3 * H)."""
        programmes, horizon = {p.id: p for p in self.scenario.programmes}, self.scenario.horizon.all_years
        entries = self._entries("programmes.start")
        shape = (len(self.lines), len(RUNGS), len(horizon))
        gains = sparse.lil_array((len(entries), int(np.prod(shape))))
        for n, (_, (programme, year, count)) in enumerate(entries):
            p = programmes[programme]
            end = int(year) + p.duration - 1 - self.first
            place = np.ravel_multi_index((self.lines[p.line], RUNGS.index(p.rung), end), shape)
            gains[n, place] = p.gain * p.chance(int(count))
        return sparse.csr_array(gains)

    def _restraint(self, x: np.ndarray) -> np.ndarray:
        years = len(self.scenario.horizon.all_years)
        restraint = np.zeros((*x.shape[:-1], len(self.lines), len(RUNGS), years))
        part = np.maximum(x[..., self.slots["switching.restraint"]], 0.0)
        restraint[..., self.held, :, :] = part.reshape(*x.shape[:-1], len(self.held), len(RUNGS), years)
        return restraint

    def written(self, x: np.ndarray, choices: Choices, money: Money) -> np.ndarray:
        """Columns x with these choices, and with what follows from the money."""
        x = x.copy()
        if "switching.stage" in self.slots and choices.stage is not None:
            x[self.slots["switching.stage"]] = np.eye(len(STAGES))[choices.stage].ravel()
        if "modes.mode" in self.slots and choices.mode is not None:
            x[self.slots["modes.mode"]] = np.eye(len(self.scenario.modes))[choices.mode].ravel()
        if "programmes.start" in self.slots:
            self._write_starts(x, choices)
        for column, (line, plan) in self._entries("scale.on"):
            x[column] = float(self._spent(money, line, plan) > 0)
        for column, value in zip(self.slots.get("tranches.within", ()), self.within(money), strict=True):
            x[column] = value
        return x

    def _write_starts(self, x: np.ndarray, choices: Choices) -> None:
        programmes = {record.id: k for k, record in enumerate(self.scenario.programmes)}
        for column, (programme, year, count) in self._entries("programmes.start"):
            n = 0 if choices.routes is None else choices.routes[programmes[programme], int(year) - self.first]
            x[column] = float(n == int(count))

    def _spent(self, money: Money, line: str, plan: str) -> float:
        """Spend of a line in a plan, billion CNY."""
        first, last = self.plans[plan].first - self.first, self.plans[plan].last - self.first
        return float(money.spend[self.lines[line], first : last + 1].sum())

    def off(self, x: np.ndarray) -> np.ndarray:
        """Lines switched off by plan at columns x, (lines, plans)."""
        off, plans = np.zeros((len(self.lines), len(self.plans)), bool), list(self.plans)
        for column, (line, plan) in self._entries("scale.on"):
            off[self.lines[line], plans.index(plan)] = x[column] < 0.5
        return off

    def within(self, money: Money) -> list[float]:
        """1 for the tranche that each year's spend lies in, in the order of the columns."""
        curves = tranche_curves(self.scenario)
        inside = []
        for _, (line, rung, year, number) in self._entries("tranches.within"):
            i, r = self.lines[line], RUNGS.index(rung)
            ends = curves[i, r][0]
            ratio = money.strategic[i, r, int(year) - self.first] / self._base_spend[i, r]
            position = 1 + int(np.searchsorted(ends[1:-1], ratio - 1e-12, side="left"))
            inside.append(float(position == int(number)))
        return inside

    def columns(self, x: np.ndarray, money: Money, choices: Choices, t: Trajectory) -> dict[str, np.ndarray]:
        """Columns of the options that laws and choices determine, for points x (n, columns)."""
        columns: dict[str, np.ndarray] = {}
        if "switching.restraint" in self.slots:
            columns["switching.restraint"] = t.restraint[..., self.held, :, :]
        if "modes.mode" in self.slots and choices.mode is not None:
            columns |= self._mode_columns(money, choices.mode, t)
        if "tranches.within" in self.slots:
            columns |= self._tranche_columns(x, money)
        return columns

    def _mode_columns(self, money: Money, mode: np.ndarray, t: Trajectory) -> dict[str, np.ndarray]:
        """Exchange and its inflow in the mode chosen, and changes of mode."""
        scenario = self.scenario
        ids, domains = [entry.id for entry in scenario.modes], [entry.id for entry in scenario.domains]
        plan_of = (
            np.searchsorted([p.first for p in scenario.horizon.plans], scenario.horizon.all_years, side="right") - 1
        )
        own = mode[[domains.index(line.domain) for line in scenario.lines]][:, plan_of]  # (L, H)
        chosen = np.eye(len(ids))[own]  # (L, H, M)
        before = np.column_stack([[ids.index(domain.mode) for domain in scenario.domains], mode[:, :-1]])
        years = len(scenario.horizon.years)
        columns = {
            "modes.exchange": money.exchange[..., None] * chosen[:, :years],
            "modes.change": np.broadcast_to((mode != before).astype(float), (*t.inflow.shape[:-2], *mode.shape)),
        }
        if "market.gain" in self.slots:
            columns["market.gain"] = t.exchange_gain[..., None] * chosen
        if "modes.inflow" in self.slots:  # the three-stage form alone has inflow by mode
            columns["modes.inflow"] = np.maximum(t.inflow, 0.0)[..., None] * chosen
        return columns

    def _tranche_columns(self, x: np.ndarray, money: Money) -> dict[str, np.ndarray]:
        """Spend by tranche and what it is worth, in the tranche that the integers name."""
        curves, parts = tranche_curves(self.scenario), []
        effective: dict[tuple[str, str, str], np.ndarray] = {}
        for column, (line, rung, year, number) in self._entries("tranches.within"):
            i, r, n = self.lines[line], RUNGS.index(rung), int(number)
            inside, base = x[..., column], self._base_spend[i, r]
            ends, effects = base * curves[i, r][0], base * curves[i, r][1]
            slope = (effects[n] - effects[n - 1]) / (ends[n] - ends[n - 1])
            spend = np.clip(money.strategic[..., i, r, int(year) - self.first], ends[n - 1], ends[n]) * inside
            effect = slope * spend + (effects[n - 1] - slope * ends[n - 1]) * inside
            key = (line, rung, year)
            effective[key] = effective.get(key, np.zeros(())) + effect
            parts.append(spend)
        return {
            "tranches.part": np.stack(parts, axis=-1),
            "tranches.effective": np.stack(list(effective.values()), axis=-1),
        }

    def _entries(self, name: str) -> list[tuple[int, tuple[str, ...]]]:
        """Columns of a variable with their indices as texts."""
        return self._index[name]


def _keys(compiled: Compiled, name: str) -> list[tuple[int, tuple[str, ...]]]:
    columns = compiled.slots.get(name, ())
    return [(int(j), compiled.names[j].keys) for j in columns]
