"""What every record is made of: the base class, numeric fields with unit and symbol, series by year, labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from kctopt.brief import shortened
from kctopt.errors import Fault, ScenarioErrors, suggest
from kctopt.scenario.axes import between, drawn

ROUNDING = 1e-12  # relative: two numbers nearer than this are the same but for the arithmetic that led to them


def above(first: float, second: float) -> bool:
    """Whether the first number lies above the second by more than rounding."""
    return bool(first > second) and not first - second <= ROUNDING * max(abs(first), abs(second))


def apart(first: float, second: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12, 17):
        texts = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts


def quantity(meaning: str, unit: str, symbol: str = "", default: Any = ..., **bounds: Any) -> Any:
    """A numeric field: meaning, unit and symbol are part of the record and of its JSON Schema."""
    return Field(default, description=meaning, json_schema_extra={"unit": unit, "symbol": symbol}, **bounds)


class Record(BaseModel):
    """Base of all records: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __repr__(self) -> str:
        return shortened(super().__repr__())

    __str__ = __repr__

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with fields replaced. Raises ScenarioErrors for a name that is no field.

        The values are checked by whatever takes the scenario: `load`, `build`, `solve`, `diagnose`, `compare`.
        """
        known = type(self).model_fields
        unknown = [name for name in update or {} if name not in known]
        if unknown:
            what = type(self).__name__
            raise ScenarioErrors(Fault(what, None, None, name, "unknown key", suggest(name, known)) for name in unknown)
        return super().model_copy(update=update, deep=deep)


class Series(RootModel[float | dict[int, float]]):
    """A number by year: one constant, or points by year joined by straight lines and flat outside."""

    model_config = ConfigDict(frozen=True)

    def at(self, years: Any) -> np.ndarray:
        """Values at `years` (array of int), shape of `years`; draws lead where numbers are drawn (axes.py)."""
        if not isinstance(self.root, dict):
            if drawn(self.root):
                return np.repeat(np.asarray(self.root)[..., None], np.size(years), axis=-1)
            return np.full(np.shape(years), float(self.root))
        if any(map(drawn, self.root.values())):
            return between(self.root, years)
        points = sorted(self.root.items())
        return np.asarray(np.interp(years, [year for year, _ in points], [value for _, value in points]))

    def values(self) -> list[float]:
        """The stated numbers, in order of year."""
        return [self.root[year] for year in sorted(self.root)] if isinstance(self.root, dict) else [self.root]

    @model_validator(mode="after")
    def _not_empty(self) -> Series:
        if isinstance(self.root, dict) and not self.root:
            raise ValueError("a series by year needs at least one year")
        return self


class PositiveSeries(Series):
    """A series whose numbers are all >= 0."""

    @model_validator(mode="after")
    def _not_negative(self) -> PositiveSeries:
        if min(self.values()) < 0:
            raise ValueError(f"must not be negative (found {min(self.values()):g})")
        return self


class ShareSeries(PositiveSeries):
    """A series whose numbers are all in [0, 1]."""

    @model_validator(mode="after")
    def _at_most_one(self) -> ShareSeries:
        if max(self.values()) > 1:
            raise ValueError(f"must lie between 0 and 1 (found {max(self.values()):g})")
        return self


class Label(Record):
    """A name for people, in English and Chinese; identifiers are separate."""

    en: str
    zh: str

    def text(self, lang: str) -> str:
        """The name in a language; in English where it has none there."""
        return str(getattr(self, lang, self.en))
