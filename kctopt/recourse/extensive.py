r"""The extensive form: the programs of states as one program, in which states share columns, not equality rows.

    min  measure over s of  cost_s' x_s      A_s x_s in [l_s, u_s],  relations of s,  x_s[j] and x_r[j] one column
                                             for all states s, r below a node and every name j that is decided there

A row or relation that stands on shared columns alone, and says the same in several states, is held once: what
happens before a branch is worked out once, whatever the number of states. A column that is shared keeps the bounds
that all its states give it.

Measures other than the expected cost have columns of their own (measures.py):

    cvar     eta, excess_s >= 0     excess_s + eta - cost_s' x_s >= offset_s
    worst    worst                  worst - cost_s' x_s >= offset_s - best_s
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from kctopt.concave import Functions, take
from kctopt.errors import UsageError, suggest
from kctopt.naming import Name
from kctopt.recourse.measures import Measure
from kctopt.solver.bounds import propagate
from kctopt.solver.compiled import Affine, Compiled, Relations
from kctopt.solver.units import cost_unit_of

CERTAIN = 1e-9  # how near to 1 probabilities must add up


@dataclass(frozen=True)
class Shared:
    """A node of a tree: states that are not told apart there, by position, and the names of what is decided."""

    states: tuple[int, ...]
    names: frozenset[str]


@dataclass(frozen=True)
class Extensive:
    """Programs of states as one; `places[s]` are the columns of state s among those of the whole."""

    compiled: Compiled
    places: tuple[np.ndarray, ...]
    programs: tuple[Compiled, ...]
    probability: np.ndarray
    measure: Measure
    best: tuple[float, ...] = ()

    def costs(self, x: np.ndarray) -> np.ndarray:
        """Cost of every state at columns of the whole, as a minimisation, (states,)."""
        pairs = zip(self.programs, self.places, strict=True)
        return np.array([float(each.cost @ x[place] + each.offset) for each, place in pairs])

    def completed(self, x: np.ndarray) -> np.ndarray:
        """The columns with those of the measure as good as the costs of the states allow."""
        f, x = self.costs(x), x.copy()
        own = slice(len(x) - _own_count(self.measure, len(f)), len(x))
        if self.measure.kind == "cvar":
            order = np.argsort(f, kind="stable")
            at = int(np.searchsorted(np.cumsum(self.probability[order]), self.measure.confidence - CERTAIN))
            eta = f[order[min(at, len(f) - 1)]]
            x[own] = [eta, *np.maximum(f - eta, 0.0)]
        elif self.measure.kind in ("worst", "worst_regret"):
            x[own] = [(f - np.asarray(self.best)).max() if self.best else f.max()]
        return x


def checked_probability(probability: Sequence[float], count: int) -> np.ndarray:
    """Probabilities of `count` states. Raises UsageError where they are none, or do not add up to 1."""
    p = np.asarray(probability, float)
    if p.shape != (count,):
        raise UsageError(f"{len(p)} probabilities for {count} states: give one for each")
    if not (np.isfinite(p).all() and (p >= 0).all()):
        raise UsageError(f"a probability is {p.min():g}: none may be negative")
    if abs(float(p.sum()) - 1) > CERTAIN:
        raise UsageError(f"the probabilities of the states add up to {p.sum():.12g}; they must add up to 1")
    return p


def extensive_form(
    programs: Sequence[Compiled], probability: Sequence[float], shared: Sequence[Shared],
    measure: Measure | None = None, *, labels: Sequence[str] = (), best: Sequence[float] = (),
) -> Extensive:  # fmt: skip
    """The programs of states as one program.

    Parameters
    ----------
    programs : sequence of Compiled
        One a state, all maximising or all minimising; any arrays, from kctopt or not.
    probability : sequence of float
        Of the states; they add up to 1.
    shared : sequence of Shared
        What states decide together.
    measure : Measure, optional
        The expected value by default.
    labels : sequence of str, optional
        Names of the states.
    best : sequence of float
        Least cost of every state, for regrets.

    Returns
    -------
    Extensive
        With the columns of every state in the whole.

    Raises
    ------
    UsageError
        For probabilities that do not add up to 1, a shared name that a state lacks, or programs of both senses.
    """
    measure, count = measure or Measure(), len(programs)
    p = checked_probability(probability, count)
    if len({each.sign for each in programs}) != 1:
        raise UsageError("some of the programs are maximised and others minimised: make them all of one kind")
    if measure.regretful and len(best) != count:
        raise UsageError("a regret needs the best value of every state")
    labels = list(labels) or [str(s) for s in range(count)]
    places, names, together = _places(programs, shared, labels)
    whole = _joined(programs, places, names, together, labels)
    weights = p if measure.kind in ("expected", "expected_regret") else (1 - measure.weight) * p
    weights = np.zeros(count) if measure.kind.startswith("worst") else weights
    for weight, each, place in zip(weights, programs, places, strict=True):
        np.add.at(whole.cost, place, weight * each.cost)
    offset = float(weights @ np.array([each.offset for each in programs]))
    offset -= float(p @ np.asarray(best)) if measure.kind == "expected_regret" else 0.0
    sign = 1.0 if measure.regretful else whole.sign  # the less regret, the better
    whole = replace(whole, offset=offset, sign=sign)
    if _own_count(measure, count):
        whole = _measured(whole, programs, places, p, measure, labels, best)
    whole = replace(whole, cost_unit=cost_unit_of(whole.cost, whole.unit))
    return Extensive(whole, tuple(places), tuple(programs), p, measure, tuple(best) if measure.regretful else ())


def _own_count(measure: Measure, states: int) -> int:
    """How many columns a measure has."""
    return {"cvar": 1 + states, "worst": 1, "worst_regret": 1}.get(measure.kind, 0)


def _places(
    programs: Sequence[Compiled], shared: Sequence[Shared], labels: Sequence[str]
) -> tuple[list[np.ndarray], list[Name], np.ndarray]:
    """Columns of every state in the whole, the names of the whole, and which of its columns states share."""
    places = [np.full(len(each.names), -1) for each in programs]
    numbers = [positions(each) for each in programs]
    names: list[Name] = []
    for node in shared:
        for name in sorted(node.names):
            for s in node.states:
                if name not in numbers[s]:
                    hint = suggest(name, list(numbers[s]), most=0)
                    raise UsageError(f"the state '{labels[s]}' has no column '{name}' to share; {hint}".rstrip("; "))
                places[s][numbers[s][name]] = len(names)
            names.append(Name(name) if len(node.states) == len(programs) else _told(name, labels, node.states))
    many = len(names)
    for s, (each, place) in enumerate(zip(programs, places, strict=True)):
        own = np.flatnonzero(place < 0)
        place[own] = len(names) + np.arange(len(own))
        names.extend(_told(each.names[n], labels, (s,)) for n in own)
    together = np.zeros(len(names), bool)
    together[:many] = True
    return places, names, together


def positions(program: Compiled) -> dict[str, int]:
    """Columns of a program by name."""
    return {str(name): n for n, name in enumerate(program.names)}


def _told(name: str, labels: Sequence[str], states: Sequence[int]) -> Name:
    """A name with the states it belongs to as a last key."""
    parts = Name.parse(name)
    return Name(parts.head, *parts.keys, "+".join(labels[s] for s in states))


def _joined(
    programs: Sequence[Compiled], places: Sequence[np.ndarray], names: list[Name], together: np.ndarray,
    labels: Sequence[str],
) -> Compiled:  # fmt: skip
    """Everything but the costs."""
    count = len(names)
    lower, upper, unit, integer = np.full(count, -np.inf), np.full(count, np.inf), np.ones(count), np.zeros(count, bool)
    for each, place in zip(programs, places, strict=True):
        lower[place] = np.maximum(lower[place], each.column_lower)
        upper[place] = np.minimum(upper[place], each.column_upper)
        unit[place], integer[place] = each.unit, integer[place] | each.integer
    seen: set[Any] = set()
    rows, low, high, row_names = [sparse.csr_array((0, count))], [np.zeros(0)], [np.zeros(0)], list[Name]()
    for s, (each, place) in enumerate(zip(programs, places, strict=True)):
        moved, alone = _moved(each.rows, place, count), _alone(each.rows, together[place])
        sides = np.column_stack([each.lower, each.upper])
        marks = ((each.row_names[n], *_row(moved, n), sides[n].tobytes()) for n in np.flatnonzero(alone).tolist())
        kept = _kept(alone, seen, marks)
        rows.append(moved[kept])
        low.append(each.lower[kept])
        high.append(each.upper[kept])
        row_names += [each.row_names[n] if alone[n] else _told(each.row_names[n], labels, (s,)) for n in kept]
    relations, matrix = list(_relations(programs, places, together, labels)), sparse.vstack(rows, format="csr")
    return Compiled(
        names, lower, upper, np.zeros(count), 0.0, programs[0].sign, sparse.csr_array(matrix),
        np.concatenate(low), np.concatenate(high), row_names, relations, {}, integer, unit, 1.0,
    )  # fmt: skip


def _moved(matrix: sparse.csr_array, place: np.ndarray, count: int) -> sparse.csr_array:
    """A matrix on the columns of a state as one on those of the whole."""
    shape = (matrix.shape[0], count)
    moved = sparse.csr_array((matrix.data.copy(), place[matrix.indices], matrix.indptr), shape=shape)
    moved.sort_indices()
    return moved


def _alone(matrix: sparse.csr_array, together: np.ndarray) -> np.ndarray:
    """Which rows stand on shared columns alone."""
    own = np.where(together, 0.0, 1.0)
    pattern = sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    return np.asarray(pattern @ own == 0)


def _row(matrix: sparse.csr_array, n: int) -> tuple[bytes, bytes]:
    """A row of a matrix as something to compare."""
    part = slice(matrix.indptr[n], matrix.indptr[n + 1])
    return matrix.indices[part].tobytes(), matrix.data[part].tobytes()


def _kept(alone: np.ndarray, seen: set[Any], marks: Iterable[Any]) -> np.ndarray:
    """Positions of what is not seen yet; only what stands on shared columns alone, and has a mark, can have been."""
    kept = np.ones(len(alone), bool)
    for n, mark in zip(np.flatnonzero(alone).tolist(), marks, strict=True):
        kept[n] = mark not in seen
        seen.add(mark)
    return np.flatnonzero(kept)


def _relations(
    programs: Sequence[Compiled], places: Sequence[np.ndarray], together: np.ndarray, labels: Sequence[str]
) -> Iterator[Relations]:  # fmt: skip
    """Relations of all states, those of a kind together."""
    groups: dict[type, list[Relations]] = {}
    seen: set[Any] = set()
    for s, (each, place) in enumerate(zip(programs, places, strict=True)):
        for group in each.relations:
            groups.setdefault(type(group.functions), []).append(_of_state(group, place, together, seen, labels, s))
    for parts in groups.values():
        width = max(len(part.arguments) for part in parts)
        yield Relations(
            _stacked([part.functions for part in parts], width),
            [name for part in parts for name in part.names],
            _together([part.bound for part in parts]),
            [_together([_argument(part, j) for part in parts]) for j in range(width)],
        )


def _of_state(
    group: Relations, place: np.ndarray, together: np.ndarray, seen: set[Any], labels: Sequence[str], s: int
) -> Relations:  # fmt: skip
    """The relations of one kind of a state, on the columns of the whole, without those that another state has."""
    moved = [_moved(part.matrix, place, len(together)) for part in (group.bound, *group.arguments)]
    constants = np.column_stack([part.constant for part in (group.bound, *group.arguments)])
    numbers = np.column_stack([np.reshape(values, (len(group.names), -1)) for values in vars(group.functions).values()])
    alone = np.all([_alone(part.matrix, together[place]) for part in (group.bound, *group.arguments)], axis=0)

    def mark(n: int) -> Any:
        rows = (piece for matrix in moved for piece in _row(matrix, n))
        return (str(group.names[n]), *rows, constants[n].tobytes(), numbers[n].tobytes())

    kept = _kept(alone, seen, map(mark, np.flatnonzero(alone).tolist()))
    parts = [Affine(matrix[kept], constants[kept, j]) for j, matrix in enumerate(moved)]
    names: list[str] = [group.names[n] if alone[n] else _told(group.names[n], labels, (s,)) for n in kept]
    return Relations(take(group.functions, kept), names, parts[0], parts[1:])


def _argument(part: Relations, j: int) -> Affine:
    """An argument of relations of a state, 0 where they have fewer."""
    return part.arguments[j] if j < len(part.arguments) else Affine(
        sparse.csr_array(part.bound.matrix.shape), np.zeros(len(part.names))
    )  # fmt: skip


def _together(parts: Iterable[Affine]) -> Affine:
    """Affine functions one below the other."""
    parts = list(parts)
    matrix = sparse.csr_array(sparse.vstack([part.matrix for part in parts], format="csr"))
    return Affine(matrix, np.concatenate([part.constant for part in parts]))


def _stacked(parts: Sequence[Any], width: int) -> Functions:
    """Functions of a kind one below the other, with as many arguments as the one with most."""
    first = parts[0]
    values = {name: [getattr(part, name) for part in parts] for name in vars(first)}
    joined = {
        name: np.concatenate([np.pad(v, ((0, 0), (0, width - v.shape[1]))) if v.ndim == 2 else v for v in each])
        for name, each in values.items()
    }
    made: Functions = type(first)(**joined)
    return made


def _measured(
    whole: Compiled, programs: Sequence[Compiled], places: Sequence[np.ndarray], p: np.ndarray, measure: Measure,
    labels: Sequence[str], best: Sequence[float],
) -> Compiled:  # fmt: skip
    """The whole with the columns and rows of its measure."""
    count, states = len(whole.names), len(programs)
    low, high = (np.array(ends) for ends in zip(*map(_ends, programs), strict=True))
    low, high = (ends - np.asarray(best) for ends in (low, high)) if measure.regretful else (low, high)
    offset = np.array([each.offset for each in programs])
    if measure.kind == "cvar":
        names = [Name("risk.eta"), *(Name("risk.excess", label) for label in labels)]
        cost = np.concatenate([[measure.weight], measure.weight * p / (1 - measure.confidence)])
        lower, upper = np.r_[low.min(), np.zeros(states)], np.r_[high.max(), np.full(states, high.max() - low.min())]
        own = np.column_stack([np.ones(states), np.eye(states)])
        sides = offset
    else:
        names, cost, own = [Name("risk.worst")], np.ones(1), np.ones((states, 1))
        lower, upper = np.array([low.min()]), np.array([high.max()])
        sides = offset - np.asarray(best) if measure.regretful else offset
    state_costs = sparse.vstack(
        [
            _moved(sparse.csr_array(each.cost[None, :]), place, count)
            for each, place in zip(programs, places, strict=True)
        ]
    )
    grown = sparse.hstack([whole.rows, sparse.csr_array((whole.rows.shape[0], len(names)))])
    rows = sparse.csr_array(sparse.vstack([grown, sparse.hstack([-state_costs, sparse.csr_array(own)])], format="csr"))
    none, more = sparse.csr_array, len(names)

    def wider(part: Affine) -> Affine:
        matrix = sparse.hstack([part.matrix, none((part.matrix.shape[0], more))], format="csr")
        return Affine(sparse.csr_array(matrix), part.constant)

    relations = [
        Relations(group.functions, group.names, wider(group.bound), [wider(part) for part in group.arguments])
        for group in whole.relations
    ]
    return replace(
        whole, names=[*whole.names, *names], column_lower=np.r_[whole.column_lower, lower],
        column_upper=np.r_[whole.column_upper, upper], cost=np.r_[whole.cost, cost], rows=rows,
        lower=np.r_[whole.lower, sides], upper=np.r_[whole.upper, np.full(states, np.inf)],
        row_names=[*whole.row_names, *(Name("risk.state", label) for label in labels)], relations=relations,
        integer=np.r_[whole.integer, np.zeros(more, bool)], unit=np.r_[whole.unit, np.ones(more)],
    )  # fmt: skip


def _ends(program: Compiled) -> tuple[float, float]:
    """Between what the cost of a program lies, whatever is decided; possibly infinite."""
    lower, upper = propagate(program)
    used = np.flatnonzero(program.cost)
    cost = program.cost[used]
    least = float(cost @ np.where(cost > 0, lower[used], upper[used])) + program.offset
    return least, float(cost @ np.where(cost > 0, upper[used], lower[used])) + program.offset
