"""What the formulation is written in: variables, affine expressions and rules, in the words of Pyomo.

The blocks of `formulation` are run in two ways. By themselves, and for `Program.model`, `Var`, `Constraint` and the
others are Pyomo's, so that a user can add to a model or hand it to another solver. Inside `as_arrays` the same calls
make plain records, which `solver/compile.py` puts into arrays in a fraction of Pyomo's time:

    Linear    sum of coefficient x column, and a constant
    Row       lower <= Linear <= upper
    Columns   the variables of one name, by index: a dict of Linear
    Rules     what the constraint of one name says, by index: rows and concave relations

Pyomo is imported only where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyomo.environ import Block
else:
    Block = Any

__all__ = [
    "Binary", "Block", "Constraint", "NonNegativeReals", "Objective", "Reals", "Skip", "Var", "maximize", "minimize",
    "quicksum",
]  # fmt: skip

_ARRAYS: ContextVar[bool] = ContextVar("as_arrays", default=False)


class Word(Enum):
    """Words of Pyomo's that the formulation uses."""

    Binary = "Binary"
    NonNegativeReals = "NonNegativeReals"
    Reals = "Reals"
    maximize = "maximize"
    minimize = "minimize"
    Skip = "Skip"


Binary, NonNegativeReals, Reals = Word.Binary, Word.NonNegativeReals, Word.Reals
maximize, minimize, Skip = Word.maximize, Word.minimize, Word.Skip


class Linear:
    """An affine expression: sum of coefficients times columns, and a constant. Its lists are never changed in place."""

    __slots__ = ("coefficients", "columns", "constant")
    __array_ufunc__ = None  # a number of NumPy's leaves the operation to us
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, columns: list[int], coefficients: list[float], constant: float = 0.0) -> None:
        self.columns, self.coefficients, self.constant = columns, coefficients, constant

    def __add__(self, other: Linear | float) -> Linear:
        if isinstance(other, Linear):
            return Linear(
                self.columns + other.columns, self.coefficients + other.coefficients, self.constant + other.constant
            )
        return Linear(self.columns, self.coefficients, self.constant + other)

    __radd__ = __add__

    def __neg__(self) -> Linear:
        return Linear(self.columns, [-a for a in self.coefficients], -self.constant)

    def __sub__(self, other: Linear | float) -> Linear:
        return self + -other

    def __rsub__(self, other: float) -> Linear:
        return Linear(self.columns, [-a for a in self.coefficients], other - self.constant)

    def __mul__(self, factor: float) -> Linear:
        return Linear(self.columns, [factor * a for a in self.coefficients], factor * self.constant)

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> Linear:
        return self * (1 / divisor)  # as Pyomo has it: the arrays of both agree in every digit

    def __le__(self, other: Linear | float) -> Row:
        return Row(self - other, -inf, 0.0) if isinstance(other, Linear) else Row(self, -inf, other)

    def __ge__(self, other: Linear | float) -> Row:
        return Row(other - self, -inf, 0.0) if isinstance(other, Linear) else Row(self, other, inf)

    def __eq__(self, other: object) -> Row:  # type: ignore[override]
        if isinstance(other, Linear):
            return Row(self - other, 0.0, 0.0)
        return Row(self, other, other)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """A linear rule, lower <= body <= upper."""

    body: Linear
    lower: float
    upper: float

    def __bool__(self) -> bool:
        raise TypeError("a rule is neither true nor false: it was compared where numbers are expected")


class Columns(dict[Any, Linear]):
    """The variables of one name, by index; `first` is the position of the first among all of the program."""

    def __init__(self, sets: Sequence[Iterable[Any]], domain: Word, bounds: Any) -> None:
        super().__init__()
        self.indices = indices(sets)
        self.integer, self.bounds = domain is Binary, bounds
        self.least, self.most = 0.0 if domain is not Reals else -inf, 1.0 if domain is Binary else inf
        self.first = -1

    def number(self, first: int, block: Part) -> int:
        """Give every variable its position, from `first` on, and its bounds; returns how many there are."""
        self.first, keys = first, self.indices
        self.update((key, Linear([first + n], [1.0])) for n, key in enumerate(keys))
        if callable(self.bounds):
            sides = [self.bounds(block, *key) if isinstance(key, tuple) else self.bounds(block, key) for key in keys]
        else:
            sides = [self.bounds or (None, None)] * len(keys)
        least, most = self.least, self.most
        self.lower = [least if low is None or low < least else low for low, _ in sides]  # what is no number stays
        self.upper = [most if high is None or high > most else high for _, high in sides]
        return len(keys)

    def settle(self) -> None:
        """Forget the expressions: all rules are read."""
        self.clear()
        self.bounds = None


class Single(Linear):
    """A variable without index."""

    __slots__ = ("held",)

    def __init__(self, domain: Word, bounds: Any) -> None:
        super().__init__([], [1.0])
        self.held = Columns([(None,)], domain, bounds)

    def number(self, first: int, block: Part) -> int:
        """As `Columns.number`."""
        self.columns = [first]
        return self.held.number(first, block)


class Affines:
    """Affine expressions one after the other, in flat lists: few objects, however many rules there are."""

    def __init__(self) -> None:
        self.columns, self.coefficients = list[int](), list[float]()
        self.ends, self.constants = [0], list[float]()

    def add(self, expression: Linear | float) -> None:
        """One more."""
        if isinstance(expression, Linear):
            self.columns += expression.columns
            self.coefficients += expression.coefficients
            self.constants.append(expression.constant)
        else:
            self.constants.append(expression)
        self.ends.append(len(self.columns))


class Rules:
    """What the constraint of one name says: linear rows, and concave relations, each by index (None without one)."""

    def __init__(self, sets: Sequence[Iterable[Any]], rule: Callable[..., Any] | None, expr: Any) -> None:
        self.sets, self.rule, self.expr = sets, rule, expr
        self.rows, self.bodies = list[Any](), Affines()
        self.lower, self.upper = list[float](), list[float]()
        self.laws = list[tuple[Any, Any]]()

    def read(self, block: Part) -> None:
        """Ask the rule for every index, once."""
        rule = self.rule
        if rule is None:
            self._add(None, self.expr)
        else:
            for key in indices(self.sets):
                self._add(key, rule(block, *key) if isinstance(key, tuple) else rule(block, key))
        self.sets, self.rule, self.expr = (), None, None

    def _add(self, key: Any, said: Any) -> None:
        if isinstance(said, Row):
            self.rows.append(key)
            self.bodies.add(said.body)
            self.lower.append(said.lower)
            self.upper.append(said.upper)
        elif hasattr(said, "bound"):
            self.laws.append((key, said))
        elif said is not Skip:
            raise TypeError(f"a rule for {key} is no rule, but {said!r}")


@dataclass(eq=False)
class Aim:
    """The objective."""

    expr: Linear
    sense: Word


class Part:
    """A block of records: components by name, in their order."""

    def __init__(self) -> None:
        object.__setattr__(self, "parts", {})
        object.__setattr__(self, "taken", [0])  # variables so far, counted for all blocks of a program together

    def __setattr__(self, name: str, part: Any) -> None:
        self.add_component(name, part)

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "parts")[name]
        except KeyError:
            raise AttributeError(name) from None

    def component(self, name: str) -> Any:
        """A component, or None."""
        return self.parts.get(name)

    def add_component(self, name: str, part: Any) -> None:
        """A component under its name: variables get their positions, rules are read."""
        if name in self.parts:
            raise ValueError(f"two components are named {name}")
        self.parts[name] = part
        if isinstance(part, Part):
            object.__setattr__(part, "taken", self.taken)
        elif isinstance(part, Columns | Single):
            self.taken[0] += part.number(self.taken[0], self)
        elif isinstance(part, Rules):
            part.read(self)


def indices(sets: Sequence[Iterable[Any]]) -> list[Any]:
    """Every index over some sets: a key as it is for one set, a tuple for several, tuples in them laid flat."""
    if len(sets) == 1:
        return list(sets[0])
    lists = [list(members) for members in sets]
    if not any(isinstance(key, tuple) for members in lists for key in members):
        return list(product(*lists))
    nested = [[key if isinstance(key, tuple) else (key,) for key in members] for members in lists]
    return [sum(keys, ()) for keys in product(*nested)]


@contextmanager
def as_arrays() -> Iterator[None]:
    """Inside, the formulation makes records instead of Pyomo's components."""
    token = _ARRAYS.set(True)
    try:
        yield
    finally:
        _ARRAYS.reset(token)


def Var(*sets: Any, domain: Word = Reals, bounds: Any = None) -> Any:
    """A variable for every index of `sets`; `bounds` is a pair, or a function of block and index that gives one."""
    if _ARRAYS.get():
        return Columns(sets, domain, bounds) if sets else Single(domain, bounds)
    from pyomo import environ

    return environ.Var(*sets, domain=getattr(environ, domain.value), bounds=bounds)


def Constraint(*sets: Any, rule: Callable[..., Any] | None = None, expr: Any = None) -> Any:
    """A rule for every index of `sets`, as `rule` gives it from block and index; or the one rule `expr`."""
    if _ARRAYS.get():
        return Rules(sets, rule, expr)
    from pyomo import environ

    if rule is None:
        return environ.Constraint(*sets, expr=expr)
    asked = rule

    def answered(*index: Any) -> Any:
        answer = asked(*index)
        return environ.Constraint.Skip if answer is Skip else answer

    return environ.Constraint(*sets, rule=answered)


def Objective(*, expr: Any, sense: Word) -> Any:
    """What is optimised."""
    if _ARRAYS.get():
        return Aim(expr, sense)
    from pyomo import environ

    return environ.Objective(expr=expr, sense=getattr(environ, sense.value))


def quicksum(terms: Iterable[Any]) -> Any:
    """Sum of expressions and numbers, without one expression for every step; 0 of none."""
    if not _ARRAYS.get():
        from pyomo import environ

        return environ.quicksum(terms)
    columns, coefficients, constant = list[int](), list[float](), 0.0
    for term in terms:
        if isinstance(term, Linear):
            columns += term.columns
            coefficients += term.coefficients
            constant += term.constant
        else:
            constant += term
    return Linear(columns, coefficients, constant) if columns else constant


def concave(relation: Any) -> Any:
    """A concave relation as a rule: itself among records, its exact expression in Pyomo."""
    return relation if _ARRAYS.get() else relation.expression()
