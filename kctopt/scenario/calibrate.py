"""The base year as arrays: stocks, reference spends, history, rival path and calibrated yields.

    R[i,t0] = 100,   R[i,t] = R[i,t-1] (1 + g_i + shift_t)
    u0[i] = substitution_share_i * S0[i],   y0[i] = exchange_share_i * S0[i]
    x0[i,r] = spend_share_r * (S0[i] - u0[i] - y0[i])
    ubar_i = reference_share * S0[i],   ybar_i = exchange_reference * S0[i]
    x[i,r,t0-l] = x0[i,r] / (1 + history_growth)^l        l = 0 ... 5
    xbar[i,r] = w[r,0] x0[i,r] + sum_{l >= 1} w[r,l] x[i,r,t0+1-l]
    delta_s s0[i] = b (u0[i]/ubar_i)^lambda_s (C0[i]/R[i,t0])^theta_s        top[i,t0] where that is more
    s1[i] = min((1 - delta_s) s0[i] + v0[i], top[i,t0] R[i,t0+1]/R[i,t0])
    v0[i] = b (u0[i]/ubar_i)^lambda_s (C0[i]/R[i,t0])^theta_s
    C0[i] = U0[i] - s0[i],   k0[i,r] = p_r C0[i]
    C1[i] = (U0[i]/R[i,t0] + tau_i) R[i,t0+1] - s1[i],   k1[i,r] = p_r C1[i]
    a[i,r] = (k1[i,r] - (1 - delta_r) k0[i,r] - eta_r D0[i]) / (k0[i,r]/100)^theta

| symbol | meaning | unit | name |
|---|---|---|---|
| S0 U0 | spend and usable capability of t0, data | billion CNY/year, index points | lines.spend, lines.capability |
| g tau | growth of the rival, trend of the ratio to it | 1/year | lines.rival_growth, lines.trend |
| shift | what the scenario adds to the rival's growth | 1/year | rival.growth_shift |
| p | stock of a rung over capability | ratio | rungs.profile |
| u0 y0 x0 | spend of t0 by track | billion CNY/year | history |
| ubar ybar | reference spend on substitution and exchange | billion CNY/year | substitution, exchange |
| xbar | lagged spend of t0+1 with the spend of t0 kept | billion CNY/year | effort |
| s0 | substitutes at the end of t0 (steady state of base-year spend) | index points | substitute |
| top | most that substitutes can replace, of the substitution law | index points | most_substitute |
| C0 k0 | capability and stock by rung at the end of t0 | index points | capability, stock |
| D0 | inflow of t0+1 at base-year exchange and the controls of t0 | index points/year | inflow |
| G0 | economic power that y0 brings, of the market law | index points | market |
| f | factor of the domain's mode in the base year, 1 without modes | ratio | modes.exchange |
| a | yield | index points/year | yields |
| R | rival's capability, t0 ... T + tail | index points | rival |

so that the base year's spend and exchange carry every rung of a line along its recorded trend. Lagged spend and
accelerators stand at their reference, so their factors are 1. Yields that `calibration.yields` states stand in place of
these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kctopt.scenario.axes import mix, spread, vector
from kctopt.scenario.calibration import Calibration, LineYields, Yields
from kctopt.scenario.records import RUNGS, Scenario
from kctopt.scenario.reviews import REACH, first_stage
from kctopt.scenario.select import exposed_part

LAGS = 6  # lag weights reach from 0 to 5 years
BISECTIONS = 60  # halvings, down to the last digit of a number


@dataclass(frozen=True)
class BaseYear:
    """Arrays of the base year; shapes by lines L, rungs 3, lags, years H = planned + tail; draw axes lead."""

    capability: np.ndarray  # (L,) C[i,t0], index points
    substitute: np.ndarray  # (L,) s[i,t0], index points
    gap: np.ndarray  # (L,) max(0, 1 - U[i,t0]/R[i,t0])
    most_substitute: np.ndarray  # (L, H+1) top[i,t], t0 first, index points
    stock: np.ndarray  # (L, 3) k[i,r,t0], index points
    history: np.ndarray  # (L, 3, LAGS) spend in t0-l, l = 0 ... 5, billion CNY
    effort: np.ndarray  # (L, 3) reference lagged spend, billion CNY
    substitution: np.ndarray  # (L,) reference substitution spend, billion CNY
    exchange: np.ndarray  # (L,) reference exchange spend, billion CNY
    exchange_0: np.ndarray  # (L,) exchange spend in t0, billion CNY
    market: np.ndarray  # (L,) economic power that it brings, index points
    spend: np.ndarray  # (L,) total spend in t0, billion CNY
    rival: np.ndarray  # (L, H+1) R[i,t], t0 first, index points
    control: np.ndarray  # (H+1,) e[t], t0 first
    denied: np.ndarray  # (H+1,) max(e[t], d[t]), t0 first
    yields: np.ndarray  # (L, 3) a[i,r], index points/year
    inflow: np.ndarray  # (L,) D[i,t0+1] at base-year exchange, index points/year
    moat: np.ndarray  # (L, L) weights that give the moat capability of each line's domain
    stage: np.ndarray  # (L,) stage at the first review: 0 far, 1 within reach, 2 near


def calibrate(scenario: Scenario) -> BaseYear:
    """Derive the base year of a scenario. Yields can be <= 0 for impossible data; `check` reports them."""
    spend, exchange_share, substitution_share, usable = (
        of_lines(scenario, name) for name in ("spend", "exchange_share", "substitution_share", "capability")
    )
    rival, control = rival_path(scenario), control_path(scenario)

    denied = np.maximum(control, denial_path(scenario))
    gap = np.maximum(0.0, 1 - usable / rival[..., 0])
    most = most_substitutes(scenario, gap, rival, control)
    substitution = spread(scenario.substitution.reference_share, 1) * spend
    substitute = _steady(scenario, substitution_share * spend / substitution, usable, rival[..., 0], most[..., 0])
    capability = usable - substitute
    stock = capability[..., None] * of_rungs(scenario, "profile")[..., None, :]

    history, effort = _spent(scenario, spend * (1 - exchange_share - substitution_share))
    exchange = spread(scenario.diffusion.exchange_reference, 1) * spend
    moat = moat_weights(scenario)
    stage = first_stage(scenario, capability, rival[..., 0])
    ratio = exchange_share * spend / exchange
    inflow = _base_inflow(scenario, capability, rival[..., 0], ratio, control[..., :1], moat, stage)
    following = _next_substitute(
        scenario, substitution_share * spend / substitution, capability, substitute, rival, most
    )
    next_capability = (usable / rival[..., 0] + of_lines(scenario, "trend")) * rival[..., 1] - following
    yields = given_yields(scenario, _own_yields(scenario, stock, next_capability, inflow))
    market = base_market(scenario, exchange_share * spend, exchange, control[..., :1], stage)
    return BaseYear(
        capability, substitute, gap, most, stock, history, effort, substitution, exchange, exchange_share * spend,
        given_market(scenario, market), spend, rival, control, denied, yields, inflow, moat, stage,
    )  # fmt: skip


def of_lines(scenario: Scenario, name: str) -> np.ndarray:
    """A number of all lines, (..., lines); draw axes lead."""
    return vector(getattr(line, name) for line in scenario.lines)


def of_rungs(scenario: Scenario, name: str) -> np.ndarray:
    """A number of all rungs, (..., 3); draw axes lead."""
    return vector(getattr(rung, name) for rung in scenario.rungs)


def lag_weights(scenario: Scenario) -> np.ndarray:
    """w[r,l], (..., 3, LAGS)."""
    return vector((vector(rung.lags) for rung in scenario.rungs), axes=1)


def _spent(scenario: Scenario, strategic: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """History (..., L, 3, LAGS) and reference lagged spend (..., L, 3) of strategic spend in t0, (..., L)."""
    by_rung = strategic[..., None] * of_rungs(scenario, "spend_share")[..., None, :]
    history = by_rung[..., None] / (1 + spread(scenario.money.history_growth, 3)) ** np.arange(LAGS)
    return history, np.einsum("...irl,...rl->...ir", _years_back(history), lag_weights(scenario))


def _own_yields(scenario: Scenario, stock: np.ndarray, following: np.ndarray, inflow: np.ndarray) -> np.ndarray:
    """Yields that carry stocks (..., L, 3) to capability in t0+1 (..., L) beside the inflow (..., L)."""
    needed = (
        following[..., None] * of_rungs(scenario, "profile")[..., None, :]
        - (1 - of_rungs(scenario, "depreciation"))[..., None, :] * stock
        - of_rungs(scenario, "inflow")[..., None, :] * inflow[..., None]
    )
    return np.asarray(needed / (np.maximum(stock, 1e-9) / 100) ** spread(scenario.knowledge.stock_elasticity, 2))


def given_yields(scenario: Scenario, own: np.ndarray) -> np.ndarray:
    """Yields that the scenario states in place of its base year's own, (..., lines, 3); its own where none."""
    given = {entry.id: vector(entry.by_rung) for entry in scenario.calibration.yields.values}
    if not given:
        return own
    return vector((given.get(line.id, own[..., i, :]) for i, line in enumerate(scenario.lines)), axes=1)


def given_market(scenario: Scenario, own: np.ndarray) -> np.ndarray:
    """What the base year's exchange brings, (..., lines), as the scenario states it beside yields; else its own."""
    given = {entry.id: entry.market for entry in scenario.calibration.yields.values if entry.market is not None}
    return vector(given.get(line.id, own[..., i]) for i, line in enumerate(scenario.lines)) if given else own


def base_values(scenario: Scenario) -> dict[str, tuple[float, ...]]:
    """What the base year gives each line: yields of rungs F, P, R, then what its exchange brings."""
    base = calibrate(scenario)
    rows = np.column_stack([base.yields, base.market]).tolist()
    return {line.id: tuple(row) for line, row in zip(scenario.lines, rows, strict=True)}


def with_yields(scenario: Scenario, yields: Mapping[str, Sequence[float]], source: str = "") -> Scenario:
    """The scenario with yields by line in place of its own; `source` says where they are from.

    A line has yields of rungs F, P, R, and may have what the base year's exchange brings behind them.
    """
    names = (*RUNGS, "market")
    values = tuple(
        LineYields(id=line, **dict(zip(names, map(float, stated), strict=False))) for line, stated in yields.items()
    )
    calibration = Calibration(yields=Yields(**{"from": source or None, "values": values}))
    return scenario.model_copy(update={"calibration": calibration})


def carried_trends(scenario: Scenario, base: BaseYear) -> np.ndarray:
    """Yearly change of U/R in t0+1 when the base year's spend and exchange are kept, by its yields, (lines,)."""
    rungs = scenario.rungs
    depreciation, eta = (np.array([getattr(rung, name) for rung in rungs]) for name in ("depreciation", "inflow"))
    made = base.yields * (base.stock / 100) ** scenario.knowledge.stock_elasticity
    free = (1 - depreciation) * base.stock + made + eta * base.inflow[:, None]
    stock = np.minimum.accumulate(np.maximum(free, 0.0), axis=1)
    usable = stock @ np.array([rung.capability_weight for rung in rungs]) + base.substitute
    before = np.array([line.capability for line in scenario.lines]) / base.rival[:, 0]
    return np.asarray(usable / base.rival[:, 1] - before)


def rival_path(scenario: Scenario) -> np.ndarray:
    """R[i,t] from t0 on, (..., lines, planned + tail + 1): 100 in t0, then own growth plus scenario shift."""
    shift = scenario.rival.growth_shift.at(np.array(scenario.horizon.all_years))[..., None, :]
    growth = of_lines(scenario, "rival_growth")[..., None] + shift
    start = np.ones((*growth.shape[:-1], 1))
    return np.asarray(100 * np.concatenate([start, np.cumprod(1 + growth, axis=-1)], axis=-1))


def control_path(scenario: Scenario) -> np.ndarray:
    """Control intensity e[t] from t0 on, (..., planned + tail + 1)."""
    return scenario.controls.intensity.at(np.array((scenario.horizon.base_year, *scenario.horizon.all_years)))


def denial_path(scenario: Scenario) -> np.ndarray:
    """d[t] from t0 on, (..., planned + tail + 1): what shocks deny, less what is overcome each year after them."""
    rule, path = scenario.cut_off, [np.zeros(())]
    shocks = rule.denial.at(np.array((scenario.horizon.base_year, *scenario.horizon.all_years)))
    for denial in np.moveaxis(shocks, -1, 0):
        path.append(np.maximum(denial, (1 - rule.recovery) * path[-1]))
    return vector(path[1:])


def most_substitutes(scenario: Scenario, gap: np.ndarray, rival: np.ndarray, control: np.ndarray) -> np.ndarray:
    """top[i,t]: what substitutes can replace, a part of what controls denied of a line's gap, shape of `rival`."""
    rule, ceiling = scenario.substitution, spread(scenario.substitution.ceiling, 2)
    if rule.denied_ceiling is None:
        return np.asarray(ceiling * rival)
    missing = (of_lines(scenario, "sensitivity") * gap)[..., None]
    share = spread(rule.denied_ceiling, 2) * missing * np.maximum.accumulate(control, axis=-1)[..., None, :]
    return np.asarray(np.minimum(ceiling, share) * rival)


def _steady(
    scenario: Scenario, effort: np.ndarray, usable: np.ndarray, rival: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """Substitutes of which as many are made as fade, shape (lines,): the root of a falling function, by bisection."""
    fading = spread(scenario.substitution.depreciation, 1)
    low, high = np.zeros_like(most), most
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        more = _made(scenario, effort, (usable - middle) / rival) > fading * middle
        low, high = np.where(more, middle, low), np.where(more, high, middle)
    full = _made(scenario, effort, (usable - most) / rival) >= fading * most
    return np.asarray(np.where(full, most, (low + high) / 2))


def _next_substitute(
    scenario: Scenario, effort: np.ndarray, capability: np.ndarray, substitute: np.ndarray, rival: np.ndarray,
    most: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """s1: substitutes one year on, at the base year's spend and controls, shape (lines,)."""
    kept = (1 - spread(scenario.substitution.depreciation, 1)) * substitute
    made = _made(scenario, effort, capability / rival[..., 0])
    return np.asarray(np.minimum(kept + made, most[..., 0] * rival[..., 1] / rival[..., 0]))


def _made(scenario: Scenario, effort: np.ndarray, able: np.ndarray) -> np.ndarray:
    """Substitutes made in a year by spend over its reference and own capability over the rival's, shape (lines,)."""
    law = scenario.substitution
    output, elasticity, leaning = (
        spread(number, 1) for number in (law.output, law.elasticity, law.capability_elasticity)
    )
    return np.asarray(output * effort**elasticity * np.maximum(able, 0.0) ** leaning)


def moat_weights(scenario: Scenario) -> np.ndarray:
    """Row i: weights over lines whose sum of w*C is the moat capability of line i's domain (0 if it has none)."""
    weight = vector(line.weight * line.moat for line in scenario.lines)
    domain = np.array([line.domain for line in scenario.lines])
    same = (domain[:, None] == domain[None, :]) * weight[..., None, :]
    total = same.sum(axis=-1, keepdims=True)
    return np.asarray(np.divide(same, total, out=np.zeros_like(same), where=total > 0))


def _years_back(history: np.ndarray) -> np.ndarray:
    """Spend seen from t0+1: lag 0 stands at the base year's level, lag l >= 1 is the spend of t0+1-l."""
    return np.concatenate([history[..., :1], history[..., :-1]], axis=-1)


def base_mode_factor(scenario: Scenario) -> np.ndarray:
    """Factor on exchange inflow by each line's cooperation mode in the base year, (..., lines)."""
    if scenario.cooperation.choice == "none":
        return np.ones(len(scenario.lines))
    factor = {mode.id: mode.exchange for mode in scenario.modes}
    domain = {entry.id: factor[entry.mode] for entry in scenario.domains}
    return vector(domain[line.domain] for line in scenario.lines)


def base_market(
    scenario: Scenario, spend: np.ndarray, reference: np.ndarray, control: np.ndarray, stage: np.ndarray
) -> np.ndarray:
    """G0: economic power that the base year's exchange brings, index points, (..., lines); controls are (..., 1)."""
    rule, cut = scenario.cooperation, spread(scenario.diffusion.exchange_control, 1)
    effort = (spend / reference) ** spread(rule.market_elasticity, 1)
    gain = spread(rule.market_output, 1) * of_lines(scenario, "growth") * reference * effort
    gain = gain * (1 - cut * exposed_part(scenario) * control) * base_mode_factor(scenario)
    return np.asarray(np.where(stage == REACH, gain, 0.0) if scenario.stages == "switching" else gain)


def _base_inflow(
    scenario: Scenario, capability: np.ndarray, rival: np.ndarray, effort: np.ndarray, control: np.ndarray,
    moat: np.ndarray, stage: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Inflow D in t0+1 when exchange stays at its base-year level, (..., lines); controls are (..., 1)."""
    rule, sensitivity = scenario.diffusion, of_lines(scenario, "sensitivity")
    catch_up = spread(rule.catch_up, 1) * (1 - spread(rule.catch_up_control, 1) * sensitivity * control)
    near = catch_up * (rival - capability + spread(rule.leverage, 1) * mix(moat, capability))
    match rule.form:
        case "none":
            return np.zeros_like(capability)
        case "nelson_phelps":
            return np.asarray(near)
        case "logistic":
            return np.asarray(catch_up * capability * (1 - capability / rival))
        case "three_stage":
            mu = spread(rule.exchange_elasticity, 1)
            reach = spread(rule.exchange_output, 1) * (1 - spread(rule.exchange_control, 1) * sensitivity * control)
            reach = reach * (rival / 100) ** (1 - mu) * effort**mu
            reach = reach * base_mode_factor(scenario)
            if scenario.stages == "switching":
                reach = np.where(stage == REACH, reach, 0.0)
            return np.asarray(np.minimum(np.minimum(spread(rule.absorption, 1) * capability, reach), near))
