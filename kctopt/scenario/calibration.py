"""Records of what the base year is calibrated to: by default its own data, or yields that stand in place of its own."""

from __future__ import annotations

from pydantic import Field, create_model

from kctopt.scenario.record import Record, quantity


class LineYields(Record):
    """Yields of a line, one for each rung of the ladder."""

    id: str = Field(description="technology line")
    F: float = quantity("yield of the functional rung", "index points/year", "a_iF", gt=0)
    P: float = quantity("yield of the performance rung", "index points/year", "a_iP", gt=0)
    R: float = quantity("yield of the reliability rung", "index points/year", "a_iR", gt=0)
    market: float | None = quantity(
        "economic power that the base year's exchange brings; by the scenario's own base year where it is not stated",
        "index points", "G0_i", default=None, ge=0,
    )  # fmt: skip

    @property
    def by_rung(self) -> tuple[float, float, float]:
        """The yields in the order of the rungs."""
        return self.F, self.P, self.R


FROM = Field(None, description="scenario whose base-year yields these are: bundled name or path")
_Named = create_model("_Named", __base__=Record, **{"from": (str | None, FROM)})  # type: ignore[call-overload]


class Yields(_Named):
    """Yields in place of those that the base year's data ask for: of another scenario, or as stated."""

    values: tuple[LineYields, ...] = Field(
        (), description="yields of every line; with `from` they are written when the scenario is read"
    )

    @property
    def source(self) -> str:
        """Scenario that the yields are from; empty where there is none."""
        return getattr(self, "from") or ""


class Calibration(Record):
    """What yields the base year gives: by default those with which its spend carries each line along its trend."""

    yields: Yields = Yields()
