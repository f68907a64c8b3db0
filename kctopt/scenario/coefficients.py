"""The coefficients of the laws, of cooperation and of the objective: every number with its unit and symbol."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from kctopt.scenario.record import ROUNDING, Label, PositiveSeries, Record, Series, ShareSeries, quantity


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
