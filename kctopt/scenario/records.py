"""The validated records of a scenario: every field with its unit, symbol and meaning.

A scenario is one frozen tree of records. `load.py` fills it from a model folder and scenario files,
`calibrate.py` derives the base year from it, the blocks in `formulation/` and the simulator read it.
Indices: lines i, domains d, types k (B A M S), rungs r (F P R), years t.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, SerializerFunctionWrapHandler, model_serializer, model_validator

from kctopt.brief import as_html, brief, counted
from kctopt.language import checked_lang
from kctopt.scenario.calibration import Calibration
from kctopt.scenario.options import Catalogue, Mode, ModeId, Programme, Switching, Tranche
from kctopt.scenario.record import ROUNDING, ShareSeries, quantity
from kctopt.scenario.record import Label as Label
from kctopt.scenario.record import PositiveSeries as PositiveSeries
from kctopt.scenario.record import Record as Record
from kctopt.scenario.record import Series as Series

TYPES = ("B", "A", "M", "S")
TYPE_NAMES = {"B": "bottleneck", "A": "accelerator", "M": "moat", "S": "security"}
RUNGS = ("F", "P", "R")
TRACKS = ("strategic", "substitution", "exchange")
QUADRANTS = ("widen", "active", "managed", "barrier")
SCHEMA_VERSION = 1

TypeId = Literal["B", "A", "M", "S"]
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


class Money(Record):
    """Rules on money that hold in every scenario unless changed."""

    carry_share: float = quantity("largest part of a year's budget carried over inside a plan", "share", ge=0, le=1)
    ramp_growth: float = quantity("largest growth of a line's spend a year", "1/year", ge=0)
    ramp_step: float = quantity("growth of a line's spend always possible", "billion CNY/year", ge=0)
    history_growth: float = quantity("growth of spend before the base year", "1/year", ge=-0.5, le=0.5)


class Knowledge(Record):
    """Knowledge production: elasticities of new knowledge."""

    effort_elasticity: float = quantity("elasticity to lagged spend", "ratio", "lambda", gt=0, le=1)
    accelerator_elasticity: float = quantity("elasticity to the accelerator index", "ratio", "psi", ge=0, le=1)
    stock_elasticity: float = quantity("elasticity to the stock already there", "ratio", "theta", ge=0, le=1)
    induced_innovation: float = quantity(
        "rise of yield when controls tighten", "ratio", "iota", default=0.0, ge=0, le=1
    )
    yield_factor: float = quantity("scenario multiplier of every yield", "ratio", default=1.0, gt=0, le=1e4)

    @model_validator(mode="after")
    def _concave(self) -> Knowledge:
        total = self.effort_elasticity + self.accelerator_elasticity + self.stock_elasticity
        if total > 1 + ROUNDING:
            raise ValueError(f"the three elasticities must sum to at most 1 (they sum to {total:.12g}): not concave")
        return self


class Substitution(Record):
    """The emergency track: quick, fading, for what is denied, leaning on what a line can do by itself."""

    elasticity: float = quantity("elasticity to spend", "ratio", "lambda_s", gt=0, le=1)
    capability_elasticity: float = quantity(
        "elasticity to own capability over the rival's", "ratio", "theta_s", default=0.0, ge=0, le=1
    )
    depreciation: float = quantity("loss of substitutes a year", "1/year", "delta_s", gt=0, lt=1)
    output: float = quantity(
        "substitutes gained a year at reference spend and the rival's capability", "index points/year", "b", ge=0
    )
    reference_share: float = quantity("reference spend over the line's base-year spend", "share", gt=0, le=1)
    ceiling: float = quantity("largest substitute over the rival's capability", "share", ge=0, le=1)
    denied_ceiling: float | None = quantity(
        "largest substitute over what is denied of the base year's gap (left out: no such limit)", "share",
        default=None, ge=0, le=1,
    )  # fmt: skip

    @model_validator(mode="after")
    def _concave(self) -> Substitution:
        total = self.elasticity + self.capability_elasticity
        if total > 1 + ROUNDING:
            raise ValueError(f"the two elasticities must sum to at most 1 (they sum to {total:.12g}): not concave")
        return self


class Rival(Record):
    """Shocks to the rival's path beside each line's own growth."""

    growth_shift: Series = quantity("added to the rival's growth on every line", "1/year", default=Series(0.0))


class Controls(Record):
    """Export and investment controls."""

    intensity: ShareSeries = quantity("control intensity", "share", "e_t")


class Diffusion(Record):
    """Net knowledge flow by stage of competition."""

    form: Literal["three_stage", "nelson_phelps", "logistic", "none"] = "three_stage"
    absorption: float = quantity("largest inflow over own capability", "1/year", "alpha", ge=0)
    exchange_output: float = quantity("inflow at reference exchange spend", "index points/year", "kappa", ge=0)
    exchange_elasticity: float = quantity("elasticity to exchange spend", "ratio", "mu", gt=0, lt=1)
    exchange_reference: float = quantity("reference exchange spend over base-year spend", "share", gt=0, le=1)
    exchange_control: float = quantity("cut in exchange inflow under full controls", "share", "chi_kappa", ge=0, le=1)
    catch_up: float = quantity("share of the gap closed a year", "1/year", "c0", ge=0, le=1)
    catch_up_control: float = quantity("cut in catch-up under full controls", "share", "chi_c", ge=0, le=1)
    leverage: float = quantity("lead held per point of the domain's moat capability", "ratio", "h", ge=0)
    far: float = quantity("relative gap above which a line is far", "share", default=0.60, ge=0, le=1)
    near: float = quantity("relative gap below which a line is near", "share", default=0.25, ge=-1, le=1)


class Quadrant(Record):
    """Exchange rule of one cooperation quadrant."""

    id: Literal["widen", "active", "managed", "barrier"]
    label: Label
    min_exchange: float = quantity("least share of a line's spend on exchange", "share", "phi_min", ge=0, le=1)
    max_exchange: float = quantity("largest share of a line's spend on exchange", "share", "phi_max", ge=0, le=1)
    shield_share: float = quantity("least share of the quadrant's spend on types S and M", "share", ge=0, le=1)


class Cooperation(Record):
    """Thresholds that place lines in quadrants, and the national exposure budget."""

    sensitivity_threshold: float = quantity("sensitivity at or above which a line is high", "share", ge=0, le=1)
    growth_threshold: float = quantity("growth at or above which a line is high", "share", ge=0, le=1)
    exposure_limit: PositiveSeries = quantity(
        "largest exposed exchange, weighted by sensitivity", "billion CNY/year", "E_t"
    )
    exposure_threshold: float = quantity(
        "sensitivity up to which exchange exposes nothing", "share", "sigma_E", default=0.0, ge=0, lt=1
    )
    choice: Literal["none", "mask", "free"] = Field(
        "none",
        description="cooperation modes by domain and plan: none; chosen within the quadrants' limits (mask); or free",
    )
    change_cost: float = quantity("cost of changing a domain's mode between plans", "billion CNY", default=0.0, ge=0)
    market_output: float = quantity(
        "economic power that reference exchange spend brings, per billion CNY and unit of growth potential",
        "index points/billion CNY", "g", default=0.0, ge=0,
    )  # fmt: skip
    market_elasticity: float = quantity(
        "elasticity of that to exchange spend", "ratio", "mu_m", default=0.5, gt=0, lt=1
    )


class CutOff(Record):
    """Loss when supply is cut off: bottlenecks choke, moats and security technology fail, the latter shields."""

    loss: float = quantity("economic loss at full controls and full dependency", "index points", "Lambda", ge=0, le=100)
    shield: float = quantity("loss shielded per point of the security score", "ratio", "shield", ge=0)
    military_loss: float = quantity(
        "military loss at full controls and full dependency of moats and security technology",
        "index points", "Lambda_M", default=0.0, ge=0, le=100,
    )  # fmt: skip
    denial: ShareSeries = quantity(
        "share of supply that a shock denies, where it exceeds the controls", "share", "d_t", default=ShareSeries(0.0)
    )
    recovery: float = quantity("part of a shock that is overcome each year after it", "1/year", default=1.0, ge=0, le=1)


class TypeWeights(Record):
    """Weights of the four types in a KCT form; those used are normalised to sum to 1."""

    B: float = quantity("weight of bottleneck technology", "share", ge=0)
    A: float = quantity("weight of accelerator technology", "share", ge=0)
    M: float = quantity("weight of moat technology", "share", ge=0)
    S: float = quantity("weight of security technology", "share", ge=0)


class Kct(Record):
    """KCT value, equation (1) of the paper; its form is our hypothesis."""

    form: Literal["nested", "ces", "cobb_douglas", "leontief", "linear"] = "nested"
    multiplier: float = quantity("exponent of the accelerator score (nested)", "ratio", "alpha_A", ge=0, lt=1)
    rho: float = quantity("CES exponent over types", "ratio", "rho", le=1)
    weights: TypeWeights
    rho_domains: float = quantity("CES exponent over domains", "ratio", "rho_d", le=1)


class PowerIndex(Record):
    """One published measure of relative power."""

    id: str
    label: Label
    ratio: float = quantity("own power over the rival's in the base year", "ratio", gt=0)
    trend: float = quantity("growth of that ratio", "1/year", ge=-0.2, le=0.2)


class Economy(Record):
    """Economic power."""

    ratio: float = quantity("own GDP over the rival's in the base year", "ratio", gt=0)
    trend: float = quantity("growth of that ratio without KCT effects", "1/year", ge=-0.2, le=0.2)
    kct_elasticity: float = quantity("elasticity to KCT", "ratio", "eps_E", ge=0, le=1)


class Military(Record):
    """Military power; which published index measures it is a choice."""

    index: str
    indices: tuple[PowerIndex, ...]
    kct_elasticity: float = quantity("elasticity to KCT", "ratio", "eps_1", ge=0, le=1)
    shield_elasticity: float = quantity("elasticity to moat and security scores", "ratio", "eps_2", ge=0, le=1)

    @property
    def chosen(self) -> PowerIndex:
        """The index that `index` names."""
        return next(entry for entry in self.indices if entry.id == self.index)


class Security(Record):
    """National security NS = f(EP, MP, KCT); its form is our hypothesis."""

    form: Literal["cobb_douglas", "ces", "leontief", "linear"] = "cobb_douglas"
    economy: float = quantity("weight of economic power", "share", "a", ge=0, le=1)
    military: float = quantity("weight of military power", "share", "b", ge=0, le=1)
    technology: float = quantity("weight of KCT capability", "share", "c", ge=0, le=1)
    rho: float = quantity("CES exponent (form ces)", "ratio", default=-1.0, le=1)

    @model_validator(mode="after")
    def _sum(self) -> Security:
        total = self.economy + self.military + self.technology
        if abs(total - 1) > 1e-9:
            raise ValueError(f"weights of economy, military and technology must sum to 1 (they sum to {total:.12g})")
        return self


class Objective(Record):
    """What is optimised."""

    kind: Literal["national_security", "min_budget", "earliest"] = "national_security"
    discount: float = quantity("weight of a year relative to the one before", "ratio", "beta", gt=0, le=1)
    terminal: float = quantity("extra weight of the last planned year", "ratio", "W", default=0.0, ge=0)
    end_years: int = quantity(
        "years for which national security of the last year of all counts on, discounted", "years", "n_E", default=0,
        ge=0, le=100,
    )  # fmt: skip


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
