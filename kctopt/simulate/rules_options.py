"""Rules of the other discrete options that a plan breaks: modes, least scale, bands, programmes.

quadrants.exchange_*[i,t]      shares of exchange: mask: the lesser of quadrant and mode; free: the mode's alone
quadrants.exposure[t]          sum_i sigma_i xi(mode) y <= E_t
scale.minimum[i,p]             off in the plan, or at least min_scale in each of its years
policies.<id>[i,j,t]           C_i/R_i - C_j/R_j <= width
programmes.start[k]            one start, in the window, done by the last planned year, no more routes than allowed
programmes.requires[b,a]       b starts after a has ended
programmes.excludes[a,b]       not both
programmes.researchers[t]      sum of researchers <= those there are
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kctopt.scenario.options import Programme
from kctopt.scenario.records import BandPolicy, Quadrant
from kctopt.scenario.reviews import REACH
from kctopt.scenario.select import policy_years, quadrant
from kctopt.simulate.breach import MONEY, Breach, Case
from kctopt.simulate.costs import modes, researchers, started
from kctopt.simulate.world import Array, Codes

PERSONS = "thousand persons"


def _modes(case: Case) -> Codes | None:
    """Mode of each line's domain in each planned year, (L, N); None without modes."""
    chosen = modes(case.scenario, case.choices)
    if chosen is None:
        return None
    domains = [domain.id for domain in case.scenario.domains]
    of_line = [domains.index(line.domain) for line in case.scenario.lines]
    first = [plan.first for plan in case.scenario.horizon.plans]
    return chosen[of_line][:, np.searchsorted(first, case.years, side="right") - 1]


def mode_words(case: Case) -> list[list[str]]:
    """'guarded mode, ' by line and planned year; empty words without modes."""
    mode = _modes(case)
    if mode is None:
        return [[""] * len(case.years) for _ in case.scenario.lines]
    return [[f"{case.scenario.modes[code].id} mode, " for code in row] for row in mode]


def exchange_shares(case: Case) -> tuple[Array, Array]:
    """Least and largest share of a line's spend on exchange, (L, N) each."""
    rules: dict[str, Quadrant] = {rule.id: rule for rule in case.scenario.quadrants}
    own = [rules[quadrant(case.scenario, i)] for i in range(len(case.scenario.lines))]
    everywhere = np.ones(case.spend.shape)
    least = np.array([[rule.min_exchange] for rule in own]) * everywhere
    most = np.array([[rule.max_exchange] for rule in own]) * everywhere
    if case.scenario.stages == "switching":
        least = np.where(case.trajectory.in_force[:, : len(case.years)] == REACH, least, 0.0)
    mode = _modes(case)
    if mode is not None:
        limit = np.array([entry.max_exchange for entry in case.scenario.modes])[mode]
        if case.scenario.cooperation.choice == "free":
            return np.zeros_like(least), limit
        least, most = np.minimum(least, limit), np.minimum(most, limit)
    return least, most


def exposure_factor(case: Case) -> Array:
    """xi: factor on exposure by mode, (L, N)."""
    mode = _modes(case)
    if mode is None:
        return np.ones(case.spend.shape)
    return np.array([entry.exposure for entry in case.scenario.modes])[mode]


def scale(case: Case) -> Iterator[Breach]:
    """Lines that run below their efficient scale in a plan."""
    first = case.years[0]
    for i, line in enumerate(case.scenario.lines):
        slack = case.tolerance * max(case.unit, line.min_scale)
        for plan in case.scenario.horizon.plans if line.min_scale else ():
            spend = case.spend[i, plan.first - first : plan.last - first + 1]
            least, most, amount = spend.min(), spend.max(), float(line.min_scale - spend.min())
            if most > slack and amount > slack:
                low, high = plan.first + int(spend.argmin()), plan.first + int(spend.argmax())
                text = f"{line.id}, plan {plan.id}: spend of {least:.6g} in {low} is below the efficient scale of "
                text += f"{line.min_scale:.6g}, and the line is not off ({most:.6g} in {high}); short by {amount:.6g} "
                rule, place = f"scale.minimum[{line.id},{plan.id}]", f"{line.id}, {plan.id}"
                yield Breach(rule, "scale", place, amount, MONEY, text + MONEY)


def band(case: Case, policy: BandPolicy) -> Iterator[Breach]:
    """Lines of a group that run ahead of another."""
    names = [line.id for line in case.scenario.lines]
    own, years = [names.index(line) for line in policy.lines], policy_years(policy.years, case.scenario.horizon)
    at = [year - case.scenario.horizon.base_year for year in years]
    ratio = (case.trajectory.capability / case.trajectory.rival)[own][:, at]
    lead = ratio[:, None] - ratio[None]
    for a, b, n in case.beyond(lead, np.full(lead.shape, policy.width)):
        one, other, amount = policy.lines[a], policy.lines[b], float(lead[a, b, n] - policy.width)
        text = f"policy {policy.id}, {years[n]}: {one} stands at {ratio[a, n]:.4g} of the rival, {other} at "
        text += f"{ratio[b, n]:.4g}; at most {policy.width:.4g} may lie between them; off by {amount:.4g}"
        rule, place = f"policies.{policy.id}[{one},{other},{years[n]}]", f"policy {policy.id}, {one}, {years[n]}"
        yield Breach(rule, "band", place, amount, "ratio", text)


def programmes(case: Case) -> Iterator[Breach]:
    """What the catalogue forbids."""
    first = {one.id: case.years[n] for _, one, n, _ in started(case.scenario, case.choices.routes)}
    for programme in case.scenario.programmes:
        if programme.id in first:
            yield from _starts(case, programme)
            yield from _requires(case, programme, first)
    yield from _excludes(case, set(first))
    yield from _researchers(case)


def _starts(case: Case, programme: Programme) -> Iterator[Breach]:
    all_starts = started(case.scenario, case.choices.routes)
    own = [(case.years[n], count) for _, one, n, count in all_starts if one is programme]

    def breach(amount: float, unit: str, says: str) -> Breach:
        text = f"programme {programme.id}: {says}"
        return Breach(f"programmes.start[{programme.id}]", "start", f"programme {programme.id}", amount, unit, text)

    if len(own) > 1:
        years = " and ".join(str(year) for year, _ in own)
        yield breach(len(own) - 1.0, "starts", f"starts in {years}, once is allowed")
    for year, count in own:
        early, late = programme.first_start - year, year - programme.last_start
        over = year + programme.duration - 1 - case.years[-1]
        if early > 0 or late > 0:
            window = f"it can from {programme.first_start} to {programme.last_start}"
            yield breach(float(max(early, late)), "years", f"starts in {year}, {window}")
        if over > 0:
            yield breach(
                float(over), "years", f"starts in {year} and ends after {case.years[-1]}, the last planned year"
            )
        if count > programme.most_routes:
            excess = float(count - programme.most_routes)
            yield breach(excess, "routes", f"runs {count} routes, at most {programme.most_routes} can")


def _requires(case: Case, programme: Programme, first: dict[str, int]) -> Iterator[Breach]:
    length = {one.id: one.duration for one in case.scenario.programmes}
    for needed in programme.required:
        rule, start = f"programmes.requires[{programme.id},{needed}]", first[programme.id]
        text, place = f"programme {programme.id} starts in {start}, but {needed}, which it requires,", programme.id
        if needed not in first:
            yield Breach(rule, "requires", f"programme {place}", 1.0, "programmes", f"{text} does not run")
        elif (amount := first[needed] + length[needed] - start) > 0:
            text += f" ends with {start + amount - 1}"
            yield Breach(rule, "requires", f"programme {place}", float(amount), "years", text)


def _excludes(case: Case, running: set[str]) -> Iterator[Breach]:
    told: set[frozenset[str]] = set()
    for programme in case.scenario.programmes:
        for other in programme.excluded:
            pair = frozenset((programme.id, other))
            if pair <= running and pair not in told:
                told.add(pair)
                rule = f"programmes.excludes[{programme.id},{other}]"
                text = f"programmes {programme.id} and {other} both run, but exclude each other"
                yield Breach(rule, "excludes", f"programme {programme.id}", 1.0, "programmes", text)


def _researchers(case: Case) -> Iterator[Breach]:
    there = case.scenario.catalogue.researchers
    if there is None:
        return
    used, limit = researchers(case.scenario, case.choices.routes), there.at(np.array(case.years))
    for (n,) in case.beyond(used, limit):
        year, amount = case.years[n], float(used[n] - limit[n])
        text = f"{year}: programmes employ {used[n]:.6g} {PERSONS}, {limit[n]:.6g} there are; over by {amount:.6g}"
        yield Breach(f"programmes.researchers[{year}]", "researchers", str(year), amount, PERSONS, text)
