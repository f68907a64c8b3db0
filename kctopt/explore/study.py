"""A swept study in the explorer: its figures, which of its members lie within a brush, and the state of each.

    study = OpenStudy(Path("studies/tight.duckdb"))
    study.members()            those that are drawn, each with the state that loads it
    study.kept({"budget": (0.95, 1.0)})      draws within a brush

A member is loaded as any state is: solved from the base again, so that it has what was stored within the gap.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from kctopt.errors import KctoptError, ScenarioErrors, UsageError
from kctopt.explore.state import POLICY, State
from kctopt.report.content import Figure
from kctopt.scenario.records import Scenario
from kctopt.study.held import scenario_of
from kctopt.study.load import load_study
from kctopt.study.plots import of_sweep
from kctopt.study.plots.worlds import numeric
from kctopt.study.swept import Swept

FILE = ".duckdb"
STUDIES = Path("studies")  # where `kctopt sweep` writes files that are not named
Brush = Mapping[str, tuple[float, float] | str]  # of inputs: between two numbers, or one choice


@dataclass(frozen=True)
class Member:
    """One member that is drawn."""

    draw: int
    status: str
    objective: float | None
    gap: float | None
    values: Mapping[str, Any]  # of the inputs
    state: State | None  # None where no state says what the draw does


class OpenStudy:
    """One scenario of a swept study.

    Parameters
    ----------
    path : pathlib.Path
        Its file.
    scenario : str, optional
        Needed where it has several.

    Raises
    ------
    UsageError
        For an earlier file without its scenarios, for one whose members are missing, and where none has a plan.
    RunError
        Where it cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kctopt.explore.study import OpenStudy
    >>> study = OpenStudy(Path("studies/tight.duckdb"))
    >>> len(study.members())
    2
    """

    def __init__(self, path: Path, scenario: str | None = None) -> None:
        self.swept = Swept(path)
        told = of_sweep.Told(self.swept, scenario, "en")
        self.id, self.planned = told.id, told.planned
        self.base: Scenario = scenario_of(self.swept, self.id)
        self._members = told.members

    def title(self, lang: str) -> str:
        """What the study is called."""
        return self.swept.label(lang)

    @cached_property
    def inputs(self) -> dict[str, tuple[float, float] | list[str]]:
        """Each input with its least and largest draw, or its choices."""
        draws = self.swept.draws
        return {
            str(name): (float(draws[name].min()), float(draws[name].max()))
            if numeric(draws[name]) else sorted({str(one) for one in draws[name]})
            for name in draws
        }  # fmt: skip

    def fan(self, lang: str, brush: Brush | None = None) -> Figure | None:
        """The indices by year over the members within a brush; None where none of them has a plan."""
        part = self.swept
        if brush:
            kept = self.kept(brush)
            if not set(kept) & set(self.planned):
                return None
            part = copy.copy(self.swept)
            vars(part)["members"] = self.swept.members[self.swept.members["draw"].isin(kept)]
            vars(part)["outcomes"] = self.swept.outcomes[self.swept.outcomes["draw"].isin(kept)]
        return of_sweep.fans(of_sweep.Told(part, self.id, lang))

    def parallel(self, lang: str) -> Figure:
        """The members as lines through their inputs."""
        return of_sweep.lines(of_sweep.Told(self.swept, self.id, lang))

    def kept(self, brush: Brush) -> list[int]:
        """Draws within a brush.

        Parameters
        ----------
        brush : mapping of str to pair or str
            By input: its ends, both within, or a choice.

        Returns
        -------
        list of int
            In their order.

        Raises
        ------
        UsageError
            For what is no input of the study.

        Examples
        --------
        >>> from pathlib import Path
        >>> from kctopt.explore.study import OpenStudy
        >>> OpenStudy(Path("studies/tight.duckdb")).kept({})
        [0, 1]
        """
        draws = self.swept.draws
        inside = pd.Series(True, index=draws.index)
        for name, part in brush.items():
            if name not in self.inputs or isinstance(part, str) is not isinstance(self.inputs[name], list):
                raise UsageError(f"{name!r} is no input of this study with such values")
            given = draws[name]
            inside &= given.astype(str) == part if isinstance(part, str) else given.between(*part)
        return [int(draw) for draw in draws.index[inside]]

    def members(self) -> list[Member]:
        """The members that the parallel coordinates draw, each with the state that loads it."""
        return [self._member(draw) for draw in sorted(_drawn(self.parallel("en").chart.to_dict(validate=False)))]

    def _member(self, draw: int) -> Member:
        row, values = self._members.loc[draw], self.swept.draws.loc[draw]
        plain = {str(name): value.item() if hasattr(value, "item") else value for name, value in values.items()}
        return Member(draw, str(row["status"]), _known(row["objective"]), _known(row["gap"]), plain, self._state(plain))

    def _state(self, values: Mapping[str, Any]) -> State | None:
        """What a draw changes, as a state; None where no state can say it."""
        data: dict[str, dict[str, Any]] = {}
        for entry in self.swept.about["inputs"]:
            way = "set" if entry["way"] == "value" else entry["way"]
            for path in entry["paths"]:
                rule = POLICY.fullmatch(path)
                value = values[entry["name"]]
                if rule is None:
                    data.setdefault(way, {})[path] = value
                    continue
                moved = self._of_policy(rule["id"], rule["field"], way, value)
                if moved is None:
                    return None
                data.setdefault("policies", {}).setdefault(rule["id"], {})[rule["field"]] = moved
        try:
            return State.read(data)
        except ScenarioErrors:
            return None

    def _of_policy(self, name: str, field: str, way: str, value: Any) -> Any:
        """What a field of a policy becomes."""
        if way == "set":
            return value
        policy = next((one for one in self.base.policies if one.id == name), None)
        at = getattr(policy, field, None)
        if not isinstance(at, int | float) or not math.isfinite(at):
            return None
        return at * value if way == "scale" else at + value


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _drawn(spec: Any) -> Iterator[int]:
    """Draws that a spec has in its data."""

    def found(part: Any) -> Iterator[int]:
        if isinstance(part, Mapping):
            if isinstance(part.get("draw"), int | float):  # those without a plan are written as floats
                yield int(part["draw"])
            for one in part.values():
                yield from found(one)
        elif isinstance(part, list):
            for one in part:
                yield from found(one)

    yield from dict.fromkeys(found(spec))


def study_file(source: object) -> Path | None:
    """The file of a swept study: itself, or that of a study's name or file; None where a source is neither.

    Raises UsageError for a study that was not swept yet.
    """
    if not isinstance(source, str | Path):
        return None
    path = Path(source)
    if path.suffix == FILE:
        return path
    from kctopt.scenario.bundled import bundled_files

    if str(source) not in bundled_files("studies") and not _is_study(path):
        return None
    try:
        name = load_study(source).name
    except ScenarioErrors:
        raise
    except KctoptError:
        return None
    place = STUDIES / f"{name}{FILE}"
    if not place.is_file():
        raise UsageError(f"the study {name} was not swept yet: `kctopt sweep {source}` writes {place}")
    return place


def _is_study(path: Path) -> bool:
    """Whether a file says at its top what studies say."""
    if path.suffix not in (".yaml", ".yml") or not path.is_file():
        return False
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(line.startswith(("of:", "uncertain:")) for line in text.splitlines())
