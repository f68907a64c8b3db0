r"""Prices of non-anticipativity: what a shared column would be worth in a state alone, less the mean of the states.

With only what is decided shared (money), and everything that follows from it once a state, the prices y of the rows and
relations of state s say what a column j is worth there, as a minimisation:

    g_sj = cost_sj - sum over rows i of s  y_i a_ij / p_s
    pi_sj = g_sj - sum_r p_r g_rj  (in the sense of the objective),   sum_s p_s pi_sj = 0 over the states of a node

They are the multipliers of x_sj = x_j: a state that paid pi_sj for every unit, and were known, would choose no better
than the common plan, and the mean of what the states then reach is RP (`charged`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from kctopt.errors import UsageError
from kctopt.recourse.extensive import Extensive, Shared, extensive_form, positions
from kctopt.recourse.joined import proven_alone
from kctopt.recourse.problem import Problem
from kctopt.recourse.solved import Solved, solve_linear
from kctopt.solver.tangents import Tangents


@dataclass(frozen=True)
class Prices:
    """Prices of one node, (states, names): of the objective a unit of the column, above the mean of the states.

    `amounts` are the columns at the plan.
    """

    node: Shared
    names: tuple[str, ...]
    values: np.ndarray
    amounts: np.ndarray


def sharing(problem: Problem, names: frozenset[str]) -> Problem:
    """The problem in which of what nodes decide only these names are shared."""
    nodes = (Shared(node.states, node.names & names) for node in problem.shared)
    return replace(problem, shared=tuple(node for node in nodes if node.names))


def prices_of(problem: Problem, solved: Solved) -> tuple[Prices, ...]:
    """Prices of what the nodes of a problem share, from a solve of it by its expected value.

    Parameters
    ----------
    problem : Problem
        In which only what is decided is shared: prices of what follows from it are no one's to pay.
    solved : Solved
        Its plan with the prices of rows and relations.

    Returns
    -------
    tuple of Prices
        One a node, in the order of `problem.shared`.

    Raises
    ------
    UsageError
        Where the solve has no prices, as one with integers.

    Examples
    --------
    >>> from kctopt.recourse.prices import prices_of
    >>> from tests.stochastic_problems import newsvendor
    >>> problem = newsvendor()
    >>> (node,) = prices_of(problem, problem.solve())
    >>> node.names, bool(abs(problem.probability @ node.values).max() < 1e-9)
    (('order',), True)
    """
    form = solved.form
    if form is None or solved.rows is None:
        raise UsageError("the solve has no prices: a program with integers has none")
    worth = _worth(form, solved)
    found = []
    for node in problem.shared:
        names = tuple(sorted(node.names))
        place = form.places[node.states[0]]
        at = positions(problem.programs[node.states[0]])
        columns = place[[at[name] for name in names]]
        p = np.array([problem.probability[s] for s in node.states])
        held = np.maximum(p, np.finfo(float).tiny)[:, None]
        mine = problem.sign * worth[np.array(node.states)[:, None], columns] / held
        values = mine - (p @ mine) / p.sum()
        amounts = solved.points[node.states[0]][[at[name] for name in names]]
        found.append(Prices(node, names, np.where(p[:, None] > 0, values, np.nan), amounts))
    return tuple(found)


def _worth(form: Extensive, solved: Solved) -> np.ndarray:
    """What costs, rows and relations of states leave of a unit of every column, (states, columns), by probability.

    A row on shared columns alone belongs to all states that have them, by their probabilities.
    """
    c, p = form.compiled, form.probability
    rows, prices = [c.rows], [np.asarray(solved.rows)]
    if c.relations:
        tangents = Tangents(c)
        assert solved.x is not None and solved.relations is not None
        rows.append(tangents.rows(tangents.points(solved.x))[0])
        prices.append(solved.relations)
    matrix = sparse.csr_array(sparse.vstack(rows, format="csr"))
    has = np.zeros((len(c.names), len(p)))
    for s, place in enumerate(form.places):
        has[place, s] = 1.0
    pattern = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    of = (pattern @ has == np.diff(matrix.indptr)[:, None]) * p
    of /= np.maximum(of.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    found = np.asarray(-(matrix.T @ (np.concatenate(prices)[:, None] * of)).T)
    for s, (place, each) in enumerate(zip(form.places, form.programs, strict=True)):
        np.add.at(found[s], place, p[s] * each.cost)
    return found


def charged(problem: Problem, prices: tuple[Prices, ...], gap: float = 1e-4) -> float:
    """What no plan is worth more than, by duality: the mean of every state known, and charged for shared columns.

    Parameters
    ----------
    problem : Problem
        That the prices were made for.
    prices : tuple of Prices
        From `prices_of`.
    gap : float, default 1e-4
        Of the solves.

    Returns
    -------
    float
        RP, where the prices are those of the optimum.

    Examples
    --------
    >>> from kctopt.recourse.prices import charged, prices_of
    >>> from tests.stochastic_problems import newsvendor
    >>> problem = newsvendor()
    >>> round(charged(problem, prices_of(problem, problem.solve())), 6)
    1310.643564
    """
    programs = list(problem.programs)
    for node in prices:
        for n, s in enumerate(node.node.states):
            at = positions(programs[s])
            cost = programs[s].cost.copy()
            cost[[at[name] for name in node.names]] -= problem.sign * node.values[n]
            programs[s] = replace(programs[s], cost=cost)
    total = 0.0
    for s, p in enumerate(problem.probability):
        form = extensive_form((programs[s],), (1.0,), (), labels=(problem.labels[s],))
        if problem.judges:
            total += p * proven_alone(form, problem.judges[s], gap)
        else:
            value = solve_linear(form).value
            total += p * (np.nan if value is None else value)
    return float(total)
