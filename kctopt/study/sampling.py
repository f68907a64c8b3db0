"""`sample:` and `correlation:` of a study file, checked against its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import numpy as np

from kctopt.errors import suggest
from kctopt.scenario.field_kinds import Kind
from kctopt.scenario.nodes import Faults, Node
from kctopt.scenario.scalars import Unreadable, read_scalar
from kctopt.study.correlation import holds, matrix, nearest
from kctopt.study.records import Method, Sample, UncertainInput
from kctopt.study.sample import CORRELATED, LISTED, MOST, draws_in, next_powers

METHODS: tuple[str, ...] = get_args(Method)
KEYS = ("method", "size", "seed", "levels", "second_order", "file", "sheet")
NEEDED = {  # keys that go with some methods alone
    "size": ("lhs", "sobol", "saltelli", "morris"),
    "levels": ("grid", "morris"),
    "second_order": ("saltelli",),
    "file": ("list",),
    "sheet": ("list",),
}
ALSO = {"latin": "lhs", "latin_hypercube": "lhs", "sobol_sequence": "sobol", "full_factorial": "grid"}
Pairs = tuple[tuple[str, str, float], ...]
WHOLE, FLAG = Kind("integer"), Kind("flag")
REASONS = {
    "saltelli": "its indices hold for independent inputs alone",
    "morris": "its steps move one input at a time",
    "grid": "it has every combination of the levels",
    "product": "it has every combination of the values",
    "zip": "its rows are as they are listed",
    "list": "its rows are as they are listed",
}


def read_sample(node: Node | None, top: Node, faults: Faults) -> Sample | None:
    """The sample of a study; None where it has a fault, which is noted."""
    if node is None or node.value is None:
        faults.add(top.origin, "sample", "is missing", "such as sample: {method: sobol, size: 1024, seed: 7}")
        return None
    if not isinstance(node.value, dict):
        faults.add(node.origin, "sample", "is not a mapping", "write {method: sobol, size: 1024, seed: 7}")
        return None
    unknown = [key for key in node.value if key not in KEYS]
    for key in unknown:
        faults.add(node.value[key].place, f"sample.{key}", "unknown key", suggest(str(key), KEYS))
    method = node.get("method")
    if method not in METHODS:
        if "method" in node.value:
            hint = f"did you mean '{ALSO[str(method).lower()]}'?" if str(method).lower() in ALSO else ""
            message = f"unknown method '{method}'"
            faults.add(node.value["method"].origin, "sample.method", message, hint or suggest(str(method), METHODS))
        elif not any("method" in suggest(str(key), ("method",), most=0) for key in unknown):
            faults.add(node.place, "sample.method", "is missing", f"one of {', '.join(METHODS)}")
        return None
    return _settings(node, cast(Method, method), faults)


def _settings(node: Node, method: Method, faults: Faults) -> Sample | None:
    for key, methods in NEEDED.items():
        if key in node.value and method not in methods:
            said = "draws are counted by the values" if key == "size" else f"it goes with {' and '.join(methods)}"
            faults.add(node.value[key].place, f"sample.{key}", f"says nothing of {method}: {said}", "leave it out")
    size = _whole(node, "size", 1, 1, faults) if method in NEEDED["size"] else 0
    if method in NEEDED["size"] and "size" not in node.value:
        faults.add(node.place, "sample.size", "is missing", f"{method} needs one, such as size: 1024")
        size = None
    if size is not None and method in ("sobol", "saltelli") and next_powers(size)[1] != size:
        low, high = next_powers(size)
        message = f"{size} is not a power of two, as {method} needs to be balanced"
        faults.add(node.value["size"].origin, "sample.size", message, f"take {low} or {high}")
        size = None
    seed = _whole(node, "seed", 0, 0, faults)
    levels = _whole(node, "levels", 4, 1 if method == "grid" else 2, faults)
    if levels is not None and method == "morris" and levels % 2:
        message = f"{levels} is odd, and steps of morris go over half of the levels"
        faults.add(node.value["levels"].origin, "sample.levels", message, f"take {levels - 1} or {levels + 1}")
    second = False
    try:
        if "second_order" in node.value:
            second = bool(read_scalar(node.value["second_order"], FLAG))
    except Unreadable as error:
        faults.add(node.value["second_order"].origin, "sample.second_order", error.message, error.hint)
    file, sheet = _word(node, "file", faults), _word(node, "sheet", faults)
    if sheet and "file" not in node.value:
        faults.add(node.value["sheet"].place, "sample.sheet", "names a sheet of no file", "add file: draws.xlsx")
    if size is None or seed is None or levels is None or file is None or sheet is None:
        return None
    return Sample(method, size, seed, levels, second, file, sheet)


def _word(node: Node, key: str, faults: Faults) -> str | None:
    """A name of the mapping, "" where there is none; None where it has a fault."""
    child = node.value.get(key)
    if child is None:
        return ""
    if not isinstance(child.value, str) or not child.value.strip():
        what = "the path of a .csv or .xlsx file" if key == "file" else "the name of a sheet"
        faults.add(child.origin, f"sample.{key}", f"needs {what}", "such as file: draws.csv")
        return None
    return child.value.strip()


def _whole(node: Node, key: str, default: int, least: int, faults: Faults) -> int | None:
    """A whole number of the mapping; None where it has a fault."""
    child = node.value.get(key)
    if child is None:
        return default
    try:
        number = int(read_scalar(child, WHOLE))
    except Unreadable as error:
        faults.add(child.origin, f"sample.{key}", error.message, error.hint or "write a whole number")
        return None
    if number < least:
        faults.add(child.origin, f"sample.{key}", f"is {number}; it must be at least {least}")
        return None
    return number


def check_count(sample: Sample, inputs: tuple[UncertainInput, ...], node: Node, faults: Faults) -> int:
    """Number of draws; a fault where they are too many, or where rows have holes."""
    if sample.method in ("zip", "list"):
        bare = [entry.name for entry in inputs if not entry.values]
        if bare:
            message = f"{sample.method} takes listed values, and {', '.join(bare[:3])} has none"
            hint = "write {values: [...]}, or method: list with file: draws.csv"
            faults.add(node.place, "sample.method", message, hint)
            return 0
        lengths = {entry.name: len(entry.values) for entry in inputs}
        if len(set(lengths.values())) > 1:
            said = ", ".join(f"{name} {count}" for name, count in lengths.items())
            hint = "give each as many values, or use method: product"
            faults.add(node.place, "sample.method", f"{sample.method} needs lists of one length: {said}", hint)
            return 0
    count = draws_in(sample, inputs)
    if inputs and count * len(inputs) > MOST:
        most = MOST // len(inputs)
        message = f"makes {count:,} draws of {len(inputs)} inputs; at most {most:,} are drawn"
        hint = "take fewer levels or values, or method: sobol" if sample.method in LISTED else "take a smaller size"
        faults.add(node.place, "sample", message, hint)
    return count


def read_correlation(
    node: Node | None, inputs: Sequence[UncertainInput], sample: Sample | None, faults: Faults
) -> Pairs:
    """Pairs of inputs with their rank correlation."""
    if node is None or node.value is None:
        return ()
    if not isinstance(node.value, list):
        faults.add(node.origin, "correlation", "needs a list", "of [input, input, rank correlation]")
        return ()
    if sample is not None and sample.method not in CORRELATED and node.value:
        message = f"does not go with method {sample.method}: {REASONS[sample.method]}"
        faults.add(node.place, "correlation", message, f"use {' or '.join(CORRELATED)}, or leave it out")
        return ()
    named = {entry.name: entry for entry in inputs}
    pairs: dict[frozenset[str], tuple[str, str, float]] = {}
    places: dict[frozenset[str], Node] = {}
    for child in node.value:
        pair = _pair(child, named, faults)
        if pair is None:
            continue
        key = frozenset(pair[:2])
        if key in pairs:
            message = f"the pair is given twice (first at {places[key].origin})"
            faults.add(child.origin, "correlation", message, "keep one of the two")
            continue
        pairs[key], places[key] = pair, child
    _check_together(tuple(pairs.values()), node, places, faults)
    return tuple(pairs.values())


def _pair(node: Node, named: dict[str, UncertainInput], faults: Faults) -> tuple[str, str, float] | None:
    if not isinstance(node.value, list) or len(node.value) != 3:
        faults.add(node.origin, "correlation", "is not a pair", "write [input, input, rank correlation]")
        return None
    names = [str(child.value) for child in node.value[:2]]
    whole = True
    for child, name in zip(node.value, names, strict=False):
        entry = named.get(name)
        if entry is None:
            faults.add(child.origin, "correlation", f"no input '{name}'", suggest(name, named))
        elif entry.distribution is not None and entry.distribution.law == "choice":
            message = f"'{name}' is drawn from choices, which have no ranks"
            faults.add(child.origin, "correlation", message, "leave the pair out")
        whole = whole and entry is not None and not (entry.distribution and entry.distribution.law == "choice")
    if names[0] == names[1]:
        faults.add(node.origin, "correlation", f"pairs '{names[0]}' with itself", "name two inputs")
        return None
    try:
        value = float(read_scalar(node.value[2], Kind("number")))
    except Unreadable as error:
        faults.add(node.value[2].origin, "correlation", error.message, error.hint or "write a number from -1 to 1")
        return None
    if not -1 <= value <= 1:
        faults.add(node.value[2].origin, "correlation", f"is {value:g}; it must be from -1 to 1")
        return None
    return (names[0], names[1], value) if whole else None


def _check_together(pairs: Pairs, node: Node, places: dict[frozenset[str], Node], faults: Faults) -> None:
    """Report correlations that no numbers can have together, with the nearest that some can have."""
    names = sorted({name for one, other, _ in pairs for name in (one, other)})
    if not names or holds(wanted := matrix(names, pairs)):
        return
    values, vectors = np.linalg.eigh(wanted)
    weight = np.abs(vectors[:, values.argmin()])
    odd = {name for name, part in zip(names, weight, strict=True) if part > 0.05}
    near = matrix_pairs(names, nearest(wanted))
    blamed = [pair for pair in pairs if {pair[0], pair[1]} <= odd] or list(pairs)
    told = ", ".join(f"[{one}, {other}, {value:g}]" for one, other, value in blamed)
    moved = {frozenset(pair[:2]) for pair in blamed}
    listed = [pair for pair in near if frozenset(pair[:2]) in moved or (abs(pair[2]) > 0.005 and {*pair[:2]} <= odd)]
    hint = ", ".join(f"[{one}, {other}, {value:.3f}]" for one, other, value in listed)
    place = places[frozenset(blamed[-1][:2])].origin
    faults.add(place, "correlation", f"cannot hold together: {told}", f"the nearest that can: {hint}")


def matrix_pairs(names: Sequence[str], correlation: np.ndarray) -> Pairs:
    """Pairs of a correlation matrix.

    Examples
    --------
    >>> matrix_pairs(["a", "b"], np.array([[1.0, 0.5], [0.5, 1.0]]))
    (('a', 'b', 0.5),)
    """
    count = len(names)
    return tuple((names[i], names[j], float(correlation[i, j])) for i in range(count) for j in range(i + 1, count))
