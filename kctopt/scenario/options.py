"""Records of the discrete options: regime switching, cooperation modes, tranches, programmes."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from kctopt.scenario.record import Label, PositiveSeries, Record, quantity

ModeId = Literal["closed", "guarded", "open"]
MODES = ("closed", "guarded", "open")
LONGEST = 10  # years a programme can run: cost_1 ... cost_10


class Switching(Record):
    """Regime switching (`stages: switching`): when the stage of a line is reviewed, and its thresholds."""

    reviews: Literal["halves", "yearly"] = Field(
        "halves", description="review points: start and middle of each plan, or every year"
    )
    ratchet: bool = Field(True, description="stages only move on: far, within reach, near")
    far_control: float = quantity(
        "fall of the far threshold at full sensitivity and full controls", "share", "chi_far", default=0.0, ge=0, le=1
    )
    near_control: float = quantity(
        "rise of the near threshold at full sensitivity and full controls", "share", "chi_near", default=0.0, ge=0, le=1
    )


class Mode(Record):
    """A cooperation mode of a domain in a plan."""

    id: ModeId
    label: Label
    exchange: float = quantity("factor on the inflow that exchange brings", "ratio", "f_m", ge=0)
    max_exchange: float = quantity("largest share of a line's spend on exchange", "share", "phi_m", ge=0, le=1)
    exposure: float = quantity("factor on exposure of exchange", "ratio", "xi_m", ge=0)
    market_gain: float = quantity(
        "economic power gained a year if every domain were in this mode", "index points", "G_m", ge=-100, le=100
    )


class Tranche(Record):
    """A step of an S-shaped response: what spend on a rung of a line is worth, joined by straight lines from (0, 0).

    Both numbers are relative to the rung's base-year spend; the curve must pass through (1, 1), where yields are
    calibrated. Spend beyond the last tranche has no further effect.
    """

    line: str
    rung: Literal["F", "P", "R"]
    upto: float = quantity("spend at the end of the tranche over base-year spend", "ratio", gt=0)
    effect: float = quantity("effective spend there over base-year spend", "ratio", ge=0)


class Catalogue(Record):
    """What all programmes share."""

    researchers: PositiveSeries | None = quantity(
        "researchers that programmes may employ together (none given: no limit)", "thousand persons", default=None
    )


class Programme(Record):
    """A discrete project: run or not, from which year, as one team or as a race of parallel routes.

    Success with n routes has the probability 1 - (1 - success)^n; the expected gain enters the stock of the rung at
    the end of the last year.
    """

    id: str
    label: Label
    line: str
    rung: Literal["F", "P", "R"]
    mode: Literal["open_bid", "horse_race"] = Field(
        "open_bid", description="one team, or up to `routes` parallel routes"
    )
    routes: int = quantity("most parallel routes (horse_race)", "routes", default=1, ge=1, le=6)
    success: float = quantity("probability that one route succeeds", "share", "p_k", gt=0, le=1)
    gain: float = quantity("stock of the rung gained on success", "index points", ge=0)
    first_start: int = quantity("first year in which it can start", "year")
    last_start: int = quantity("last year in which it can start", "year")
    duration: int = quantity("years it runs", "years", ge=1, le=LONGEST)
    researchers: float = quantity("researchers employed a year by one route", "thousand persons", default=0.0, ge=0)
    requires: str = Field("", description="programmes that must have ended before it starts, joined by ';'")
    excludes: str = Field("", description="programmes that cannot run beside it in the plan, joined by ';'")
    deadline: int | None = quantity("year by whose end it must be done to earn the reward", "year", default=None)
    reward: float = quantity("objective points for success by the deadline", "NS points", default=0.0, ge=0)
    cost_1: float = quantity("cost of one route in its year 1", "billion CNY", ge=0)
    cost_2: float = quantity("cost of one route in its year 2", "billion CNY", default=0.0, ge=0)
    cost_3: float = quantity("cost of one route in its year 3", "billion CNY", default=0.0, ge=0)
    cost_4: float = quantity("cost of one route in its year 4", "billion CNY", default=0.0, ge=0)
    cost_5: float = quantity("cost of one route in its year 5", "billion CNY", default=0.0, ge=0)
    cost_6: float = quantity("cost of one route in its year 6", "billion CNY", default=0.0, ge=0)
    cost_7: float = quantity("cost of one route in its year 7", "billion CNY", default=0.0, ge=0)
    cost_8: float = quantity("cost of one route in its year 8", "billion CNY", default=0.0, ge=0)
    cost_9: float = quantity("cost of one route in its year 9", "billion CNY", default=0.0, ge=0)
    cost_10: float = quantity("cost of one route in its year 10", "billion CNY", default=0.0, ge=0)

    @property
    def costs(self) -> tuple[float, ...]:
        """Cost of one route by year of the programme, `duration` long, billion CNY."""
        return tuple(getattr(self, f"cost_{year}") for year in range(1, self.duration + 1))

    @property
    def most_routes(self) -> int:
        """Routes that can run in parallel."""
        return self.routes if self.mode == "horse_race" else 1

    @property
    def starts(self) -> tuple[int, ...]:
        """Years in which it can start."""
        return tuple(range(self.first_start, self.last_start + 1))

    def chance(self, routes: int) -> float:
        """Probability of success with that many routes."""
        return 1 - (1 - self.success) ** routes

    @property
    def required(self) -> tuple[str, ...]:
        """Ids of the programmes it requires."""
        return parts(self.requires)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Ids of the programmes it excludes."""
        return parts(self.excludes)


def parts(text: str) -> tuple[str, ...]:
    """Names joined by ';'."""
    return tuple(part.strip() for part in text.split(";") if part.strip())
