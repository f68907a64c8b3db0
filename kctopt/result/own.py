"""What a user changed in the model, in a result: its table, its rows among the constraints, its file, its hash.

    own.<name>             sum of coefficient x variable  <=, >=, =  side     a constraint of the user's own
    own.limits.<variable>  variable                       <=, >=, =  bound    a variable of kctopt's, held by the user

Values of the variables are those that the run holds, so both sides are worked out from the saved linear form.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from kctopt.naming import Name
from kctopt.own import NOISE, OwnObjective, OwnParts, OwnRow, OwnVariable
from kctopt.result.fields import Columns, from_rows
from kctopt.rules import Breach

TOLERANCE = 2e-6  # of a broken rule, relative to its side or to the size of its row, whichever is more
TIGHT = 1e-6  # slack on the same scale that counts as none
SWITCHED_OFF = "switched off"  # what is said of a rule that is

Parts = dict[str, tuple[Any, str]]  # name -> numbers, text
Side = tuple[str, float, str, float, float]  # rule, left, sense, right, slack


def rows_of(own: OwnParts) -> list[OwnRow]:
    """The user's constraints, then the bounds they gave to variables of kctopt, all as rows."""

    def bounds(kind: str, variable: OwnVariable) -> OwnRow:
        whole = (variable.name,) if variable.integer else ()
        return OwnRow(
            f"{kind}.{variable.name}", {variable.name: 1.0}, variable.lower, variable.upper, "", variable.size, whole
        )

    limits = [bounds("limits", variable) for variable in own.limits]
    return [*own.rows, *limits, *(bounds("bounds", variable) for variable in own.variables)]


def sides(own: OwnParts, row: OwnRow) -> Iterator[Side]:
    """Each finite side of a row against its left side in the plan."""
    left = own.value(row.terms, row.whole)
    name = f"own.{row.name}"
    if row.lower == row.upper:
        yield name, left, "=", row.upper, 0.0 - abs(left - row.upper)
        return
    if math.isfinite(row.lower):
        yield name, left, ">=", row.lower, left - row.lower
    if math.isfinite(row.upper):
        yield name, left, "<=", row.upper, row.upper - left


def measure(own: OwnParts, row: OwnRow, right: float) -> float:
    """What slack of a row is measured by: its size, or the side that its whole choices leave to the rest.

    Of a row on whole choices alone: its side, or the most that one of them adds. These are exact, and a coefficient of
    what is not chosen (1e6 y >= 1 at y = 0) must not make the rule void.
    """
    if len(row.whole) == len(row.terms):
        most = max(map(abs, row.terms.values()), default=0.0)
        return max(abs(right), *map(abs, own.parts(row.terms, row.whole)), NOISE * most)
    return max(row.size, abs(right - own.value({name: row.terms[name] for name in row.whole}, row.whole)))


def constraint_rows(own: OwnParts, prices: Mapping[str, float], minimise: bool) -> Columns:
    """The rows of the user's constraints and limits in the table of constraints."""
    rows = []
    for row in rows_of(own):
        if row.name.startswith("bounds."):
            continue  # of variables of the user's own; the table of variables has them
        price = prices.get(row.name, math.nan)
        for rule, left, sense, right, slack in sides(own, row):
            binding = slack <= TIGHT * measure(own, row, right)
            mine = sense == "=" or (price > 0) == ((sense == "<=") != minimise)
            rows.append((rule, "own", "", 0, left, sense, right, slack, binding, price if mine else math.nan, ""))
    return from_rows("constraints", rows)


def variable_rows(own: OwnParts) -> Columns:
    """The table of variables."""
    kinds = [("own", variable) for variable in own.variables] + [("limited", variable) for variable in own.limits]
    cells = [
        (part.name, kind, own.values[part.name], _finite(part.lower), _finite(part.upper), part.integer)
        for kind, part in kinds
    ]
    return from_rows("variables", cells)


def _finite(number: float) -> float:
    return number if math.isfinite(number) else math.nan


def breaches(own: OwnParts) -> list[Breach]:
    """The user's constraints, limits and bounds that the plan breaks."""
    broken = []
    for row in rows_of(own):
        for rule, left, sense, right, slack in sides(own, row):
            if not slack >= -TOLERANCE * measure(own, row, right):
                told = f"{rule}: {left:.10g} {sense} {right:.10g} does not hold; off by {-slack:.6g}"
                broken.append(Breach(Name.parse(rule), "own", -slack, "", told))
    for variable in own.variables:
        value = own.values[variable.name]
        if variable.integer and abs(value - round(value)) > TOLERANCE:
            rule = f"own.bounds.{variable.name}"
            broken.append(
                Breach(Name.parse(rule), "own", abs(value - round(value)), "", f"{rule}: {value:.10g} is not whole")
            )
    return broken


def switched_off(own: OwnParts, rule: str) -> bool:
    """Whether a rule of the scenario, as results name it, is one that the user switched off."""
    name = Name.parse(rule)
    return rule in own.removed or any(Name(name.head, *name.keys, side) in own.removed for side in ("min", "max"))


def without_switched_off(own: OwnParts, table: Columns) -> Columns:
    """The table of constraints without the rules that the user switched off."""
    if not own.removed:
        return table
    kept = np.array([not switched_off(own, rule) for rule in table["rule"]], bool)
    return {name: values[kept] for name, values in table.items()}


def objective_value(own: OwnParts) -> float | None:
    """Value of the user's own objective in the plan; None where it is the scenario's or a variable has no value."""
    if own.objective is None or not own.objective.terms.keys() <= own.values.keys():
        return None
    return own.value(own.objective.terms) + own.objective.constant


def as_data(own: OwnParts) -> dict[str, Any]:
    """The parts and their values as JSON holds them; sides that are open are null."""
    return json.loads(json.dumps(asdict(own)), parse_constant=lambda _: None)  # type: ignore[no-any-return]


def read(data: Mapping[str, Any]) -> OwnParts:
    """The parts from what `as_data` returned. Raises KeyError or TypeError where something is missing."""
    objective = data["objective"]
    return OwnParts(
        variables=tuple(OwnVariable(**_open(entry)) for entry in data["variables"]),
        limits=tuple(OwnVariable(**_open(entry)) for entry in data["limits"]),
        rows=tuple(OwnRow(**_open(entry) | {"whole": tuple(entry.get("whole", ()))}) for entry in data["rows"]),
        removed=tuple(data["removed"]),
        objective=None if objective is None else OwnObjective(**objective),
        values=data["values"],
    )


def _open(entry: Mapping[str, Any]) -> dict[str, Any]:
    lower, upper = entry["lower"], entry["upper"]
    return {**entry, "lower": -math.inf if lower is None else lower, "upper": math.inf if upper is None else upper}


def digest(own: OwnParts) -> str:
    """Hash of everything the user changed, linear forms and texts, without the values of a plan."""
    text = json.dumps(as_data(replace(own, values={})), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def question_hash(scenario_sha256: str, own: OwnParts) -> str:
    """Hash of a question: the scenario's alone, or with what the user changed in its model."""
    return hashlib.sha256(f"{scenario_sha256} {digest(own)}".encode()).hexdigest() if own else scenario_sha256


def parts_of(own: OwnParts) -> Parts:
    """Every part by name: the numbers it is made of, by which parts are the same, and a text that says it."""
    parts: Parts = {}
    for part in (*own.variables, *own.limits):
        parts[part.name] = part, f"{'integer ' if part.integer else ''}[{part.lower:g}, {part.upper:g}]"
    for row in own.rows:
        parts[row.name] = replace(row, text=""), row.text
    for name in own.removed:
        parts[name] = name, SWITCHED_OFF
    if own.objective is not None:
        parts["objective"] = replace(own.objective, text=""), f"{own.objective.sense} {own.objective.text}"
    return parts
