"""The validated records of a scenario: every field with its unit, symbol and meaning.

A scenario is one frozen tree of records. `load.py` fills it from a model folder and scenario files,
`calibrate.py` derives the base year from it, the blocks in `formulation/` and the simulator read it.
Indices: lines i, domains d, types k (B A M S), rungs r (F P R), years t.

| file | records |
|---|---|
| records.py | years, domains, lines, rungs, sources, and the scenario itself |
| coefficients.py | numbers of the laws, of cooperation and of the objective |
| policies.py | policies |
| options.py | discrete options |
| record.py | what all are made of |
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, PrivateAttr, SerializerFunctionWrapHandler, model_serializer, model_validator

from kctopt.brief import as_html, brief, counted
from kctopt.language import checked_lang
from kctopt.scenario.calibration import Calibration
from kctopt.scenario.coefficients import Controls as Controls
from kctopt.scenario.coefficients import Cooperation as Cooperation
from kctopt.scenario.coefficients import CutOff as CutOff
from kctopt.scenario.coefficients import Diffusion as Diffusion
from kctopt.scenario.coefficients import Economy as Economy
from kctopt.scenario.coefficients import Kct as Kct
from kctopt.scenario.coefficients import Knowledge as Knowledge
from kctopt.scenario.coefficients import Military as Military
from kctopt.scenario.coefficients import Money as Money
from kctopt.scenario.coefficients import Objective as Objective
from kctopt.scenario.coefficients import PowerIndex as PowerIndex
from kctopt.scenario.coefficients import Quadrant as Quadrant
from kctopt.scenario.coefficients import Rival as Rival
from kctopt.scenario.coefficients import Security as Security
from kctopt.scenario.coefficients import Substitution as Substitution
from kctopt.scenario.coefficients import TypeWeights as TypeWeights
from kctopt.scenario.options import Catalogue, Mode, ModeId, Programme, Switching, Tranche
from kctopt.scenario.policies import BandPolicy as BandPolicy
from kctopt.scenario.policies import Policy as Policy
from kctopt.scenario.policies import Selection as Selection
from kctopt.scenario.policies import SharePolicy as SharePolicy
from kctopt.scenario.policies import SpendPolicy as SpendPolicy
from kctopt.scenario.policies import TargetPolicy as TargetPolicy
from kctopt.scenario.policies import TypeId as TypeId
from kctopt.scenario.record import Label as Label
from kctopt.scenario.record import PositiveSeries as PositiveSeries
from kctopt.scenario.record import Record as Record
from kctopt.scenario.record import Series as Series
from kctopt.scenario.record import quantity

TYPES = ("B", "A", "M", "S")
TYPE_NAMES = {"B": "bottleneck", "A": "accelerator", "M": "moat", "S": "security"}
RUNGS = ("F", "P", "R")
TRACKS = ("strategic", "substitution", "exchange")
QUADRANTS = ("widen", "active", "managed", "barrier")
SCHEMA_VERSION = 1

Grade = Literal["A", "B", "C", "assumption", "user"]


class Period(Record):
    """One planning period (a five-year plan by default), first and last year included."""

    id: str
    first: int
    last: int


class Horizon(Record):
    """Base year (data), planned years and the tail years that keep the last year's spend."""

    base_year: int = quantity("year whose end state is data", "year", "t0", ge=1900, le=2200)
    last_year: int = quantity("last planned year", "year", "T", ge=1901, le=2300)
    plan_length: int = quantity("years in a plan", "years", default=5, ge=1, le=50)
    tail: int = quantity("years after the last that keep its spend", "years", default=5, ge=0, le=50)

    @model_validator(mode="after")
    def _ordered(self) -> Horizon:
        if self.last_year <= self.base_year:
            raise ValueError(f"last_year {self.last_year} must come after base_year {self.base_year}")
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """Planned years t0+1 … T."""
        return tuple(range(self.base_year + 1, self.last_year + 1))

    @property
    def all_years(self) -> tuple[int, ...]:
        """Planned years and tail years."""
        return tuple(range(self.base_year + 1, self.last_year + self.tail + 1))

    @property
    def plans(self) -> tuple[Period, ...]:
        """The plans in order; the last one may be shorter."""
        starts = range(self.base_year + 1, self.last_year + 1, self.plan_length)
        ends = [min(start + self.plan_length - 1, self.last_year) for start in starts]
        return tuple(
            Period(id=f"{first}-{last % 100:02d}", first=first, last=last)
            for first, last in zip(starts, ends, strict=True)
        )


class Domain(Record):
    """A field of technology, such as semiconductors."""

    id: str
    label: Label
    weight: float = quantity("weight in the national KCT value", "share", "w_d", gt=0)
    mode: ModeId = Field("guarded", description="cooperation mode in the base year")


class Line(Record):
    """A technology line: one domain, membership in the four types, base-year state."""

    id: str
    label: Label
    domain: str
    bottleneck: float = quantity("membership in bottleneck technology", "share", "m_iB", ge=0, le=1)
    accelerator: float = quantity("membership in accelerator technology", "share", "m_iA", ge=0, le=1)
    moat: float = quantity("membership in moat technology", "share", "m_iM", ge=0, le=1)
    security: float = quantity("membership in security technology", "share", "m_iS", ge=0, le=1)
    weight: float = quantity("weight among the lines of its domain and type", "share", "w_i", default=1.0, gt=0)
    sensitivity: float = quantity("security sensitivity", "share", "sigma_i", ge=0, le=1)
    growth: float = quantity("economic growth potential", "share", "gamma_i", ge=0, le=1)
    capability: float = quantity(
        "usable capability in the base year, rival = 100", "index points", "U_i0", gt=0, le=1000
    )
    trend: float = quantity(
        "recent change of the ratio to the rival at base-year effort", "1/year", "tau_i", default=0.0, ge=-0.2, le=0.2
    )
    rival_growth: float = quantity("growth of the rival's capability", "1/year", "g_i", ge=-0.2, le=0.5)
    spend: float = quantity("R&D spend in the base year", "billion CNY/year", "S_i0", gt=0)
    exchange_share: float = quantity("share of that spend on exchange", "share", ge=0, le=1)
    substitution_share: float = quantity("share of that spend on substitution", "share", ge=0, le=1)
    exposure_weight: float = quantity("weight in the loss from a cut-off", "share", "nu_i", default=1.0, ge=0)
    floor: float = quantity("least spend a year", "billion CNY/year", default=0.0, ge=0)
    cap: float | None = quantity("largest spend a year", "billion CNY/year", default=None, ge=0)
    min_scale: float = quantity(
        "efficient scale: in each plan the line is off, or spends at least this every year (0: no such rule)",
        "billion CNY/year", default=0.0, ge=0,
    )  # fmt: skip

    @property
    def membership(self) -> dict[str, float]:
        """Membership by type id."""
        return {"B": self.bottleneck, "A": self.accelerator, "M": self.moat, "S": self.security}


class Rung(Record):
    """A rung of the ladder: functional F, performance P or reliability R."""

    id: Literal["F", "P", "R"]
    label: Label
    capability_weight: float = quantity("weight in capability", "share", "omega_r", ge=0, le=1)
    profile: float = quantity("base-year stock relative to capability", "ratio", "p_r", gt=0)
    depreciation: float = quantity("loss of stock a year", "1/year", "delta_r", ge=0, lt=1)
    inflow: float = quantity("part of the diffusion inflow that reaches the rung", "ratio", "eta_r", ge=0)
    spend_share: float = quantity("share of base-year strategic spend", "share", ge=0, le=1)
    lag_0: float = quantity("weight of this year's spend", "share", "w_r0", default=0.0, ge=0, le=1)
    lag_1: float = quantity("weight of spend one year ago", "share", "w_r1", default=0.0, ge=0, le=1)
    lag_2: float = quantity("weight of spend two years ago", "share", "w_r2", default=0.0, ge=0, le=1)
    lag_3: float = quantity("weight of spend three years ago", "share", "w_r3", default=0.0, ge=0, le=1)
    lag_4: float = quantity("weight of spend four years ago", "share", "w_r4", default=0.0, ge=0, le=1)
    lag_5: float = quantity("weight of spend five years ago", "share", "w_r5", default=0.0, ge=0, le=1)

    @property
    def lags(self) -> tuple[float, ...]:
        """Lag weights w[r, l], l = 0 … 5; they sum to 1."""
        return (self.lag_0, self.lag_1, self.lag_2, self.lag_3, self.lag_4, self.lag_5)


class Spillover(Record):
    """How strongly accelerators of one domain raise research in another."""

    source: str
    target: str
    strength: float = quantity("weight of the source's accelerators", "ratio", "Omega_dd", ge=0)


class Source(Record):
    """Where the numbers under a path come from."""

    path: str
    unit: str
    source: str
    year: str
    grade: Grade
    note: str = ""
    low: float | None = Field(None, description="least value of the published spread, in the row's unit; with high")
    high: float | None = Field(None, description="greatest value of the published spread, in the row's unit; with low")
    parent_value: str | None = Field(None, description="grade user: the figure that the value took the place of")
    parent_source: str | None = Field(None, description="grade user: where that figure comes from")

    @model_serializer(mode="wrap")
    def _stated(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without a range or a parent's figure where there is none: the hash of a scenario stays what it was."""
        said: dict[str, Any] = plain(self)
        return {name: value for name, value in said.items() if value is not None}


class Scenario(Record):
    """A complete, checked question to the model: everything the program and the simulator need."""

    schema_version: Literal[1] = 1
    name: str
    label: Label
    intent: str | Label = Field(description="one sentence: what this scenario asks; in one language or in both")
    model: str
    model_sha256: str = Field("", description="what the model folder holds, labels and sources left out, as a hash")
    stages: Literal["envelope", "switching"] = Field(
        "envelope",
        description="stages of diffusion: the least of three caps, or a state that switches at review points",
    )
    switching: Switching = Switching()
    horizon: Horizon
    budget: PositiveSeries = quantity("money available", "billion CNY/year", "B_t")
    money: Money
    domains: tuple[Domain, ...]
    lines: tuple[Line, ...]
    rungs: tuple[Rung, Rung, Rung]
    calibration: Calibration = Calibration()
    spillovers: tuple[Spillover, ...]
    knowledge: Knowledge
    substitution: Substitution
    rival: Rival = Rival()
    controls: Controls
    diffusion: Diffusion
    quadrants: tuple[Quadrant, ...]
    cooperation: Cooperation
    cut_off: CutOff
    kct: Kct
    economy: Economy
    military: Military
    security: Security
    objective: Objective
    policies: tuple[Policy, ...] = ()
    modes: tuple[Mode, ...] = ()
    tranches: tuple[Tranche, ...] = ()
    catalogue: Catalogue = Catalogue()
    programmes: tuple[Programme, ...] = ()
    provenance: tuple[Source, ...] = ()

    _copied_from: Scenario | None = PrivateAttr(None)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with fields replaced, as of every record. Whatever takes it sees which values lost their source."""
        made = super().model_copy(update=update, deep=deep)
        made._copied_from = self._copied_from or self
        return made

    @property
    def copied_from(self) -> Scenario | None:
        """The scenario that this one is a copy of, or a copy of a copy, with fields replaced; None of any other."""
        return self._copied_from

    def __eq__(self, other: object) -> bool:
        """Whether all fields are equal; what a scenario was copied from is none of them."""
        return vars(self) == vars(other) if isinstance(other, Scenario) else NotImplemented

    def __repr__(self) -> str:
        return brief(self, *self._facts().values())

    __str__ = __repr__

    def _repr_html_(self) -> str:
        return as_html(f"Scenario {self.name}", {"asks": self.asks("en"), **self._facts()})

    def _facts(self) -> dict[str, str]:
        """What a scenario is about, in a few words."""
        sizes = f"{counted(len(self.domains), 'domain')}, {counted(len(self.lines), 'line')}"
        return {
            "name": self.name,
            "model": f"model {self.model}",
            "objective": self.objective.kind,
            "years": f"{self.horizon.years[0]}-{self.horizon.last_year}",
            "sizes": sizes,
            "policies": f"{len(self.policies)} policies",
        }

    def asks(self, lang: str = "en") -> str:
        """The intent in a language; as it is where it was given in one.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            One sentence.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.load("baseline").asks("en") != ""
        True
        """
        checked_lang(lang)
        return self.intent.text(lang) if isinstance(self.intent, Label) else self.intent
