"""A box of draws: what it asks of each input, how good it is, as a sentence and as a scenario that can be solved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from kctopt.arguments import shown
from kctopt.brief import brief
from kctopt.errors import UsageError, suggest
from kctopt.study.peeling import Flags, Limits
from kctopt.study.records import UncertainInput
from kctopt.study.words import Note

At = Literal["middle", "worst"]


@dataclass(frozen=True, eq=False, repr=False)
class DiscoveredBox:
    """A part of the worlds in which cases are dense.

    Attributes
    ----------
    number : int
        From 1; later boxes are found among draws outside the earlier ones.
    limits : Mapping[str, Limits]
        Of the inputs that it restricts: `low`, `high` (None where that side is open), or the choices `kept`.
    coverage, density, mass : float
        Share of all cases in the box, share of its draws that are cases, share of all draws in it.
    middle, worst : Mapping[str, object]
        A value of each restricted input: the middle of the box, and the end at which cases are densest.
    """

    number: int
    limits: Mapping[str, Limits]
    coverage: float
    density: float
    mass: float
    draws: int
    middle: Mapping[str, Any]
    worst: Mapping[str, Any]

    def __repr__(self) -> str:
        return brief(self, self.number, f"coverage {self.coverage:.3f}", f"density {self.density:.3f}", *self.limits)

    @property
    def note(self) -> Note:
        """The box as a sentence."""
        told = tuple(told_limits(name, limits) for name, limits in self.limits.items())
        shares = {name: f"{100 * getattr(self, name):.1f}" for name in ("coverage", "density", "mass")}
        return Note("box", {"number": self.number, "limits": told, **shares})

    def overlay(self, inputs: Sequence[UncertainInput], at: At = "middle") -> dict[str, dict[str, Any]]:
        """The box as changes of a scenario: `kctopt.load("baseline", **box.overlay(inputs))`.

        Parameters
        ----------
        inputs : sequence of UncertainInput
            Of the study: they say which places of the scenario each input moves, and how.
        at : str, default "middle"
            `middle` of the box, or the `worst` corner; inputs that it does not restrict stay as they are.

        Returns
        -------
        dict
            `{"set": {...}, "scale": {...}, "add": {...}}`, empty ones left out.

        Raises
        ------
        UsageError
            An input of the box that the study does not have, or a place other than the two.

        Examples
        --------
        >>> from kctopt.study.boxes import DiscoveredBox
        >>> from kctopt.study.peeling import Limits
        >>> from kctopt.study.records import UncertainInput
        >>> tight = UncertainInput("controls", ("controls.intensity",), "scale", None)
        >>> middle, worst = {"controls": 1.4}, {"controls": 1.6}
        >>> box = DiscoveredBox(1, {"controls": Limits(low=1.2)}, 0.9, 0.8, 0.1, 100, middle, worst)
        >>> box.overlay([tight], at="worst")
        {'scale': {'controls.intensity': 1.6}}
        """
        if at not in ("middle", "worst"):
            raise UsageError(f"at={shown(at)}: needs 'middle' or 'worst'; {suggest(str(at), ('middle', 'worst'))}")
        known = {entry.name: entry for entry in inputs}
        changes: dict[str, dict[str, Any]] = {"set": {}, "scale": {}, "add": {}}
        for name, value in (self.middle if at == "middle" else self.worst).items():
            if name not in known:
                raise UsageError(
                    f"inputs: the study has no input {name!r} that the box restricts; {suggest(name, known)}"
                )
            way = "set" if known[name].way == "value" else known[name].way
            changes[way].update(dict.fromkeys(known[name].paths, value))
        return {way: values for way, values in changes.items() if values}

    def scenario(self, of: str, inputs: Sequence[UncertainInput], at: At = "middle") -> str:
        """The box as the text of a scenario file that extends the scenario `of`.

        Parameters
        ----------
        of : str
            Name or path of the scenario that was studied, as `extends:` takes it.
        inputs : sequence of UncertainInput
            As of `overlay`.
        at : str, default "middle"
            As of `overlay`.

        Returns
        -------
        str
            YAML, with the box as its intent.

        Examples
        --------
        >>> from kctopt.study.boxes import DiscoveredBox
        >>> from kctopt.study.peeling import Limits
        >>> from kctopt.study.records import UncertainInput
        >>> tight = UncertainInput("controls", ("controls.intensity",), "scale", None)
        >>> middle, worst = {"controls": 1.4}, {"controls": 1.6}
        >>> box = DiscoveredBox(1, {"controls": Limits(low=1.2)}, 0.9, 0.8, 0.1, 100, middle, worst)
        >>> print(box.scenario("baseline", [tight]).splitlines()[0])
        extends: baseline
        """
        content = {"extends": of, "intent": self.note.said("en"), **self.overlay(inputs, at)}
        return str(yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120))


def told_limits(name: str, limits: Limits) -> Note:
    """What a box asks of an input, as a part of a sentence."""
    if limits.kept is not None:
        kept = tuple(sorted(map(str, limits.kept)))
        return Note("limit_kept" if len(kept) > 1 else "limit_is", {"input": name, "values": kept})
    low, high = (None if end is None else f"{end:.4g}" for end in (limits.low, limits.high))
    key = "limit_between" if low and high else "limit_above" if low else "limit_below"
    return Note(key, {"input": name, "low": low, "high": high})


def places(limits: Limits, column: NDArray[Any], held: Flags, cases: Flags) -> tuple[Any, Any]:
    """Middle of the box in one input, and where in the box cases are densest."""
    if limits.kept is not None:
        density = {
            kind: cases[held & (column == kind)].mean()
            for kind in sorted(limits.kept, key=str)
            if (held & (column == kind)).any()
        }
        kind = plain(max(density, key=lambda one: density[one]))
        return kind, kind
    values = column[held].astype(float)
    low = float(values.min()) if limits.low is None else limits.low
    high = float(values.max()) if limits.high is None else limits.high
    middle = (low + high) / 2
    if limits.low is None or limits.high is None:
        return middle, low if limits.low is None else high
    upper = held & (column > middle)
    lower = held & ~upper
    dense = [cases[part].mean() if part.any() else 0.0 for part in (lower, upper)]
    return middle, middle if dense[0] == dense[1] else low if dense[0] > dense[1] else high


def plain(value: Any) -> Any:
    """A value that YAML can write."""
    return value.item() if isinstance(value, np.generic) else value


def arrays(draws: pd.DataFrame) -> list[NDArray[Any]]:
    """Columns as numbers, or as objects where they are choices."""
    columns = []
    for name in draws:
        column = draws[name].infer_objects()
        number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        columns.append(column.to_numpy(dtype=float if number else object))
    return columns
