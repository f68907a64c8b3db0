"""The policies of a scenario: floors, caps and shares of money, targets, bands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kctopt.scenario.record import Record, quantity

TypeId = Literal["B", "A", "M", "S"]


class Selection(Record):
    """Which lines a policy speaks of; nothing given means all."""

    id: str
    domain: str | None = None
    type: TypeId | None = None
    line: str | None = None


class SpendPolicy(Selection):
    """A floor or cap on money."""

    kind: Literal["floor", "cap"]
    track: Literal["strategic", "substitution", "exchange"] | None = None
    rung: Literal["F", "P", "R"] | None = None
    amount: float = quantity("money", "billion CNY", ge=0)
    years: str = Field("", description="'2030' or '2026-2030'; empty means all planned years")
    per: Literal["year", "total"] = Field("year", description="amount holds in each year, or for the sum of the years")


class SharePolicy(Selection):
    """Least and largest share of each year's total spend."""

    kind: Literal["share"]
    track: Literal["strategic", "substitution", "exchange"] | None = None
    rung: Literal["F", "P", "R"] | None = None
    min: float | None = quantity("least share of the year's spend", "share", default=None, ge=0, le=1)
    max: float | None = quantity("largest share of the year's spend", "share", default=None, ge=0, le=1)
    years: str = ""


class TargetPolicy(Selection):
    """A state that every selected line must reach at the end of a year."""

    kind: Literal["target"]
    min_ratio: float | None = quantity("least usable capability over the rival's", "ratio", default=None, ge=0)
    max_dependency: float | None = quantity("largest dependency", "share", default=None, ge=0, le=1)
    by: int = quantity("year at whose end it holds", "year")
    soft: bool = False
    price: float = quantity("objective points lost per unit of shortfall (soft)", "NS points", default=100.0, ge=0)

    @model_validator(mode="after")
    def _one_measure(self) -> TargetPolicy:
        if (self.min_ratio is None) == (self.max_dependency is None):
            raise ValueError("a target needs exactly one of min_ratio and max_dependency")
        return self


class BandPolicy(Record):
    """Lines developed together: their ratios to the rival stay within a band of each other."""

    id: str
    kind: Literal["band"]
    lines: tuple[str, ...] = Field(description="two or more lines")
    width: float = quantity("largest difference of C/R between any two of the lines", "ratio", gt=0)
    years: str = Field("", description="'2030' or '2028-2035'; empty means all planned years")


Policy = Annotated[SpendPolicy | SharePolicy | TargetPolicy | BandPolicy, Field(discriminator="kind")]
