r"""Programmes: discrete projects of a catalogue, run or not, from which year, as one team or as a race of routes.

    sum_{s,n} b[k,s,n] <= 1                                   s in its window and s + duration_k - 1 <= T
    cost[t]     = sum_k sum_{s,n} n cost_k[t-s+1] b[k,s,n]    over the years it runs, s <= t < s + duration_k
    sum_k sum_{s,n} n staff_k b[k,s,n] <= P[t]                over the same years
    sum_{s<=t,n} b[k,s,n] <= sum_{s+duration_a<=t,n} b[a,s,n]           k requires a: a has ended before k starts
    sum_{s,n} b[k,s,n] + sum_{s,n} b[a,s,n] <= 1                        k excludes a
    gain[i,r,t] = sum_k sum_n gain_k chance_k(n) b[k,t-duration_k+1,n]  k on rung r of line i
    reward      = sum_k sum_{s,n} reward_k chance_k(n) b[k,s,n]         over s + duration_k - 1 <= deadline_k
    chance_k(n) = 1 - (1 - p_k)^n

| symbol | meaning | unit | name | source |
|---|---|---|---|---|
| b | 1 when programme k starts in year s with n routes, n = 1 in an open bid | 0 or 1 | start | decision |
| cost_k | cost of one route by year of the programme, out of the budget | billion CNY | programmes.cost_1 ... | data |
| staff_k P | researchers of one route, and of all programmes together | thousand persons | researchers | data |
| gain_k | stock gained on success, at the end of the last year | index points | programmes.gain | data |
| p | probability that one route succeeds, independently of the others | share | programmes.success | data |
| reward_k | worth of success by the deadline, if it has one | NS points | programmes.reward | data |

An attack that starts from a list is the paper's (s.4.2); open bid and horse race are mechanisms it names (s.4.5), and
three routes side by side are what it asks for in quantum computing (s.4.4). The formulas are ours. The functions take a
catalogue, years and limits, not a scenario, so the block can be used alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from kctopt.algebra import Binary, Block, Constraint, Skip, Var, quicksum
from kctopt.scenario.options import Programme


def ways(programme: Programme, years: Sequence[int]) -> list[tuple[int, int]]:
    """First year and routes of every way to run a programme from start to end inside `years`."""
    last = years[-1] - programme.duration + 1
    starts = [year for year in programme.starts if years[0] <= year <= last]
    return list(product(starts, range(1, programme.most_routes + 1)))


def add_variables(block: Block, programmes: Sequence[Programme], years: Sequence[int]) -> None:
    """Start by programme, first year and routes; nothing for an empty catalogue.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the binary variable `start` goes.
    programmes : sequence of Programme
        The catalogue.
    years : sequence of int
        Years in which programmes run.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation import programmes
    >>> from kctopt.scenario.options import Programme
    >>> one = Programme(id="pilot", label={"en": "Pilot", "zh": "Pilot"}, line="any", rung="F", success=0.8, gain=1.0,
    ...     first_start=2026, last_start=2027, duration=1, reward=5.0, cost_1=5.0)
    >>> model = ConcreteModel()
    >>> model.programmes = Block()
    >>> programmes.add_variables(model.programmes, [one], [2026, 2027])
    >>> sorted(model.programmes.start)
    [('pilot', 2026, 1), ('pilot', 2027, 1)]
    """
    if programmes:
        keys = [(programme.id, year, routes) for programme in programmes for year, routes in ways(programme, years)]
        block.start = Var(keys, domain=Binary)


def add_constraints(
    block: Block, programmes: Sequence[Programme], years: Sequence[int], researchers: Mapping[int, float] | None
) -> None:
    """One start at most, prerequisites, exclusions, and researchers by year.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables are.
    programmes : sequence of Programme
        The catalogue.
    years : sequence of int
        Years in which programmes run.
    researchers : mapping of int to float, or None
        Thousand persons there are, by year; None for no limit.

    Raises
    ------
    ValueError
        For a programme named that the catalogue does not hold, or an id given twice.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation import programmes
    >>> from kctopt.scenario.options import Programme
    >>> one = Programme(id="pilot", label={"en": "Pilot", "zh": "Pilot"}, line="any", rung="F", success=0.8, gain=1.0,
    ...     first_start=2026, last_start=2027, duration=1, reward=5.0, cost_1=5.0)
    >>> model = ConcreteModel()
    >>> model.programmes = Block()
    >>> programmes.add_variables(model.programmes, [one], [2026, 2027])
    >>> programmes.add_constraints(model.programmes, [one], [2026, 2027], researchers=None)
    """
    if not programmes:
        return
    own = _by_id(programmes)
    possible = {k: sorted({year for year, _ in ways(programme, years)}) for k, programme in own.items()}
    needed = [(k, a, t) for k, programme in own.items() for a in programme.required for t in possible[k]]

    def requires(_: Block, k: str, a: str, t: int) -> Any:
        return _started(block, own[k], t) <= _started(block, own[a], t - own[a].duration)

    def excludes(_: Block, k: str, a: str) -> Any:
        return _started(block, own[k]) + _started(block, own[a]) <= 1

    def staff(_: Block, t: int) -> Any:
        running = _running(block, programmes, t)
        used = [programme.researchers * routes * run for programme, _, routes, run in running if programme.researchers]
        return quicksum(used) <= researchers[t] if used and researchers is not None else Skip

    block.once = Constraint([k for k in own if possible[k]], rule=lambda _, k: _started(block, own[k]) <= 1)
    block.requires = Constraint(needed, rule=requires)
    block.excludes = Constraint(_pairs(own, possible), rule=excludes)
    block.researchers = Constraint(list(years), rule=staff)


def cost(block: Block, programmes: Sequence[Programme], t: int) -> Any:
    """Money that programmes take in a year.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables are.
    programmes : sequence of Programme
        The catalogue.
    t : int
        The year.

    Returns
    -------
    Pyomo expression
        Billion CNY.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation import programmes
    >>> from kctopt.scenario.options import Programme
    >>> one = Programme(id="pilot", label={"en": "Pilot", "zh": "Pilot"}, line="any", rung="F", success=0.8, gain=1.0,
    ...     first_start=2026, last_start=2027, duration=1, reward=5.0, cost_1=5.0)
    >>> model = ConcreteModel()
    >>> model.programmes = Block()
    >>> programmes.add_variables(model.programmes, [one], [2026, 2027])
    >>> str(programmes.cost(model.programmes, [one], 2026))
    '5.0*programmes.start[pilot,2026,1]'
    """
    profile = {programme.id: programme.costs for programme in programmes}
    running = [(profile[programme.id][n], routes, run) for programme, n, routes, run in _running(block, programmes, t)]
    return quicksum(each * routes * run for each, routes, run in running if each)


def gain(block: Block, programmes: Sequence[Programme], i: str, r: str, t: int) -> Any:
    """Expected stock that programmes add to a rung of a line at the end of a year.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables are.
    programmes : sequence of Programme
        The catalogue.
    i : str
        The line.
    r : str
        The rung, F, P or R.
    t : int
        The year.

    Returns
    -------
    Pyomo expression
        Index points.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation import programmes
    >>> from kctopt.scenario.options import Programme
    >>> one = Programme(id="pilot", label={"en": "Pilot", "zh": "Pilot"}, line="any", rung="F", success=0.8, gain=1.0,
    ...     first_start=2026, last_start=2027, duration=1, reward=5.0, cost_1=5.0)
    >>> model = ConcreteModel()
    >>> model.programmes = Block()
    >>> programmes.add_variables(model.programmes, [one], [2026, 2027])
    >>> str(programmes.gain(model.programmes, [one], "any", "F", 2027))
    '0.8*programmes.start[pilot,2027,1]'
    """
    own = [p for p in programmes if (p.line, p.rung) == (i, r) and p.gain]
    ending = [(p, routes, run) for p in own for _, routes, run in _runs(block, p, [t - p.duration + 1])]
    return quicksum(p.gain * p.chance(routes) * run for p, routes, run in ending)


def reward(block: Block, programmes: Sequence[Programme]) -> Any:
    """Expected reward of the programmes that end by their deadline.

    Parameters
    ----------
    block : pyomo.environ.Block
        Where the variables are.
    programmes : sequence of Programme
        The catalogue.

    Returns
    -------
    Pyomo expression
        Points of the objective.

    Examples
    --------
    >>> from pyomo.environ import Block, ConcreteModel
    >>> from kctopt.formulation import programmes
    >>> from kctopt.scenario.options import Programme
    >>> one = Programme(id="pilot", label={"en": "Pilot", "zh": "Pilot"}, line="any", rung="F", success=0.8, gain=1.0,
    ...     first_start=2026, last_start=2027, duration=1, reward=5.0, cost_1=5.0)
    >>> model = ConcreteModel()
    >>> model.programmes = Block()
    >>> programmes.add_variables(model.programmes, [one], [2026, 2027])
    >>> str(programmes.reward(model.programmes, [one])).count("start")
    2
    """
    return quicksum(
        programme.reward * programme.chance(routes) * run
        for programme in programmes
        for start, routes, run in _runs(block, programme, programme.starts)
        if programme.reward and (programme.deadline is None or start + programme.duration - 1 <= programme.deadline)
    )


def _runs(block: Block, programme: Programme, starts: Iterable[int]) -> Iterator[tuple[int, int, Any]]:
    """First year, routes and decision of every way to run a programme that starts in one of some years."""
    for key in product([programme.id], starts, range(1, programme.most_routes + 1)):
        if key in block.start:
            yield key[1], key[2], block.start[key]


def _running(block: Block, programmes: Sequence[Programme], t: int) -> Iterator[tuple[Programme, int, int, Any]]:
    """Programme, whole years it has run by the start of `t`, routes and decision of everything that can run in `t`."""
    for programme in programmes:
        starts = range(max(programme.first_start, t - programme.duration + 1), min(programme.last_start, t) + 1)
        for start, routes, run in _runs(block, programme, starts):
            yield programme, t - start, routes, run


def _started(block: Block, programme: Programme, by: float = float("inf")) -> Any:
    """1 when the programme has started by the beginning of year `by` or in it."""
    return quicksum(run for start, _, run in _runs(block, programme, programme.starts) if start <= by)


def _by_id(programmes: Sequence[Programme]) -> dict[str, Programme]:
    """The catalogue by id. Raises ValueError for a programme named that it does not hold, and for an id given twice."""
    own = {programme.id: programme for programme in programmes}
    for programme in programmes:
        if own[programme.id] is not programme:
            raise ValueError(f"two programmes have the id {programme.id}")
        for other in (*programme.required, *programme.excluded):
            if other not in own:
                raise ValueError(f"programme {programme.id} names {other}, which the catalogue does not hold")
    return own


def _pairs(own: Mapping[str, Programme], possible: Mapping[str, Sequence[int]]) -> list[tuple[str, str]]:
    """Programmes that exclude one another, each pair once, named as it is first declared."""
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for k, programme in own.items():
        for a in programme.excluded:
            if possible[k] and possible[a]:
                pairs.setdefault(frozenset((k, a)), (k, a))
    return list(pairs.values())
