"""What discrete choices do inside the loop over years: stages, restraint, programme gains, bands.

    near[i,v] = near + chi_near sigma_i e_v          far[i,v] = max(far - chi_far sigma_i e_v, near[i,v])
    law without foresight, at the start of a review year, g = 1 - C/R:
        near if g <= near (with the ratchet: from within reach), within reach if g <= far, else as before (else far)
    D <= 0 by the second cap outside reach
    k_r = min along the ladder of max(0, (1 - delta) k + q + eta D + gain - h)
    held: C <= (1 - near[i,v]) R at the end of v-1 where the stage chosen for v is not near
          C_i/R_i <= min_j (C_j/R_j + width_ij) in the years of a band; all rungs of a line by one factor

| symbol | meaning | unit | name |
|---|---|---|---|
| v | review, in force until the next one | year | starts |
| h | restraint: stock removed | index points | taken |
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kctopt.scenario.axes import spread
from kctopt.scenario.records import Scenario
from kctopt.scenario.reviews import FAR, NEAR, REACH
from kctopt.simulator.choices import Choices
from kctopt.simulator.costs import programme_gain
from kctopt.simulator.world import Array, Codes, World, over_years


def ladder(free: Array) -> Array:
    """Stocks by rung, none negative and none above the rung below."""
    stock = np.maximum(free, 0.0)
    for rung in range(1, stock.shape[-1]):  # along three rungs, much faster than accumulate
        np.minimum(stock[..., rung], stock[..., rung - 1], out=stock[..., rung])
    return stock


def thresholds(world: World) -> tuple[Array, Array]:
    """Far and near thresholds on the relative gap, (..., L, V) each."""
    pressure = world.sensitivity[..., None] * world.control[..., None, 1:][..., list(world.starts)]
    near = spread(world.near, 2) + spread(world.near_control, 2) * pressure
    far = spread(world.far, 2) - spread(world.far_control, 2) * pressure
    return np.maximum(far, near), near


def open_reach(world: World, stages: Codes, reach: Array) -> Array:
    """Second cap of diffusion by year, (..., L, H), closed where the stages by review, (..., L, V), are not reach."""
    return np.where(stages[..., world.review] == REACH, reach, 0.0)


class Moves:
    """Stages that follow the law as the years pass."""

    def __init__(self, world: World, ratchet: bool) -> None:
        self.ratchet, self.rival = ratchet, world.rival
        self.far, self.near = thresholds(world)
        self.reviews = {n: v for v, n in enumerate(world.starts) if v}
        self.stages = [world.first.astype(int)]  # (..., L) by review so far

    def stage(self, n: int, capability: Array) -> Codes:
        """Stage in force in year n, from the capability at the end of the year before."""
        v = self.reviews.get(n)
        if v is not None:
            gap, before = 1 - capability / self.rival[..., n], self.stages[-1]
            near, reach = gap <= self.near[..., v], gap <= self.far[..., v]
            if self.ratchet:
                later = np.where(near, NEAR, before)
                self.stages.append(np.where(before == FAR, np.where(reach, REACH, FAR), later))
            else:
                self.stages.append(np.where(near, NEAR, np.where(reach, REACH, FAR)))
        return self.stages[-1]


@dataclass
class Course:
    """Choices by year, for one run of the laws."""

    world: World
    chosen: Codes | None = None  # (..., L, V) stages that are chosen, the first as the base year decides it
    moves: Moves | None = None  # stages that follow the law instead
    gain: Array | None = None  # (..., L, 3, H) programme gains
    restraint: Array | None = None  # (..., L, 3, H) restraint that is chosen
    hold: bool = False  # whether lines are held back to `most` and to bands
    most: dict[int, Array] = field(default_factory=dict)  # year -> largest capability at its end, (..., L)
    taken: list[Array] = field(default_factory=list)  # stock removed by year so far

    @classmethod
    def of(cls, scenario: Scenario, world: World, choices: Choices, hold: bool, gain: Array | None = None) -> Course:
        """The course that a plan's choices set; `gain` replaces what the routes chosen bring."""
        course = cls(world)
        if choices.stage is not None:
            course.chosen = _from_first(world, choices.stage)
            course.most = ceilings(world, course.chosen) if hold else {}
        elif scenario.stages == "switching":
            course.moves = Moves(world, scenario.switching.ratchet)
        if gain is not None:
            course.gain = gain
        elif choices.routes is not None:
            course.gain = programme_gain(scenario, world, choices.routes)
        if choices.restraint is not None:
            course.restraint = np.maximum(choices.restraint, 0.0)
        course.hold = hold and bool(course.most or len(world.banded))
        return course

    @property
    def active(self) -> bool:
        """Whether anything happens inside the loop over years."""
        return self.hold or any(part is not None for part in (self.moves, self.gain, self.restraint))

    @property
    def stages(self) -> Codes:
        """Stages by review, (..., L, V), those that follow the law once the years have passed; -1 without switching."""
        if self.moves is not None:
            return np.stack(np.broadcast_arrays(*self.moves.stages), axis=-1)
        if self.chosen is not None:
            return self.chosen
        return np.full((len(self.world.domain), len(self.world.starts)), -1)

    def cap(self, n: int, capability: Array, reach: Array) -> Array:
        """Second cap of diffusion in year n, closed outside reach."""
        if self.moves is None:
            return reach
        return np.where(self.moves.stage(n, capability) == REACH, reach, 0.0)

    def settled(self, n: int, free: Array) -> Array:
        """Stocks at the end of year n from what would be there without gains, restraint and ladder."""
        if self.gain is not None:
            free = free + self.gain[..., n]
        removed = np.zeros(())
        if self.restraint is not None:
            free = np.maximum(free, 0.0)
            removed = np.minimum(self.restraint[..., n], free)
            free = free - removed
        stock = ladder(free)
        if self.hold:
            kept = self._held(n, stock)
            removed = removed if kept is stock else removed + (stock - kept)
            stock = kept
        self.taken.append(removed)
        return stock

    def _held(self, n: int, stock: Array) -> Array:
        """Stocks scaled down, line by line, to what ceilings and bands allow."""
        world = self.world
        most = self.most.get(n)
        if most is None and not len(world.banded):
            return stock
        capability = (stock * world.omega[..., None, :]).sum(axis=-1)
        allowed = capability if most is None else np.minimum(capability, most)
        if len(world.banded):
            allowed = np.minimum(allowed, self._within_bands(n, allowed))
        over = allowed < capability
        scale = np.divide(allowed, capability, out=np.ones(over.shape), where=over)
        return np.asarray(stock * scale[..., None])

    def _within_bands(self, n: int, capability: Array) -> Array:
        """Largest capability that bands allow at the end of year n, (..., L); inf where none binds."""
        world = self.world
        rival = world.rival[..., world.banded, n + 1]
        ratio = capability[..., world.banded] / rival
        within = (ratio[..., None, :] + world.band[..., n, :, :]).min(axis=-1)
        limit = np.full((*within.shape[:-1], len(world.domain)), np.inf)
        limit[..., world.banded] = np.where(within < ratio, within * rival, np.inf)
        return limit

    def restraints(self) -> Array | None:
        """Stock removed, (..., L, 3, H); None where nothing can be."""
        return over_years(self.taken) if self.hold or self.restraint is not None else None


def _from_first(world: World, stage: Codes) -> Codes:
    """Stages by review, (..., L, V), the first as the base year decides it."""
    stages = np.broadcast_to(stage, (*world.first.shape[:-1], *stage.shape)).copy()
    stages[..., 0] = world.first
    return stages


def ceilings(world: World, stages: Codes) -> dict[int, Array]:
    """Largest capability at the end of the year before each review, by stages chosen, (..., L, V)."""
    _, near = thresholds(world)
    held = world.first != NEAR
    held[..., world.banded] = True
    most = {}
    for v, n in enumerate(world.starts):
        if v:
            limit = np.maximum(1 - near[..., v], 0.0) * world.rival[..., n]
            most[n - 1] = np.where(held & (stages[..., v] != NEAR), limit, np.inf)
    return most
