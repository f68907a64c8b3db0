"""A scenario's front as users hold it: told, drawn and written; and how it is made."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kctopt.arguments import checked_place
from kctopt.cache import installed_versions
from kctopt.fronts import figure, files, told
from kctopt.fronts.drawn import Drawn
from kctopt.fronts.front import search
from kctopt.fronts.goals import checked_names, goals_of
from kctopt.fronts.solving import Solver
from kctopt.language import checked_lang
from kctopt.program import Program, build
from kctopt.scenario.records import Scenario
from kctopt.solver.engine import arrays_of


@dataclass(frozen=True, repr=False)
class Pareto(Drawn):
    """The front of a scenario between two or three objectives.

    Attributes
    ----------
    status : Status
        `optimal` where the gap between neighbours is as asked, `limit` where solves ran out before.
    gap : float
        Largest gap between neighbours, a share of the ranges: no plan is better than what is attained between them by
        more, in all objectives at once.
    solves : int
        Certified solves that it took.
    results : list of Result
        The plan of every point, in the order of `points`.

    Examples
    --------
    >>> import kctopt
    >>> front = kctopt.pareto("world.yaml", "NS,spend", between=0.05)
    >>> front.status == "optimal", front.gap <= 0.05
    (True, True)
    """

    def summary(self, lang: str = "en") -> str:
        """Ranges, gap, knee, points, and what changes along the front.

        Parameters
        ----------
        lang : str, default en
            Or `zh`.

        Returns
        -------
        str
            Lines.

        Examples
        --------
        >>> import kctopt
        >>> front = kctopt.pareto("world.yaml", "NS,spend", between=0.05)
        >>> print(front.summary().splitlines()[0])
        tiny: NS against spend. optimal, ...
        """
        return told.summary(self, checked_lang(lang))

    def chart(self, lang: str = "en") -> Any:
        """The front as an Altair chart: points that are brushed show their money by domain.

        Parameters
        ----------
        lang : str, default en
            Or `zh`.

        Returns
        -------
        altair.VConcatChart
            With points chosen by dragging over them.

        Raises
        ------
        MissingExtra
            Where the packages for figures are not installed.

        Examples
        --------
        >>> import kctopt
        >>> front = kctopt.pareto("world.yaml", "NS,spend", between=0.05)
        >>> "brush" in front.chart().to_json()
        True
        """
        return figure.chart(self, checked_lang(lang))

    def save(self, target: str | Path, lang: str = "en") -> Path:
        """Save as a new folder: the record, tables, the figure, and a run for every point.

        Parameters
        ----------
        target : str or pathlib.Path
            The folder; a new one beside it (`-2`, `-3`, …) if it exists.
        lang : str, default en
            Of the figure.

        Returns
        -------
        pathlib.Path
            Where it was written.

        Raises
        ------
        WriteError
            Where it cannot be written; what was to be saved is then kept where the error says.

        Examples
        --------
        >>> import kctopt
        >>> folder = kctopt.pareto("world.yaml", "NS,spend", between=0.05).save("runs/front")
        >>> kctopt.verify(folder / "points" / "01")
        []
        """
        return files.save(self, checked_place("target", target, "the folder for the front"), checked_lang(lang))


def trace(
    source: Scenario | Program, names: str | Sequence[str], *, between: float = 0.01, most: int = 60,
    gap: float = 1e-4, time_limit: float | None = None, command: str = "", inputs: Mapping[str, str] | None = None,
) -> Pareto:  # fmt: skip
    """The front of a scenario.

    Parameters
    ----------
    source : of which the front is drawn.
    names : of the objectives.
    between : largest gap between neighbours, a share of the ranges.
    most : solves after which the front is left as it is.
    gap : relative gap of each solve at most; it is less where ranges are small.
    time_limit : seconds for each solve.
    command, inputs : for the record.
    """
    started = time.perf_counter()
    asked = checked_names(names)
    program = build(source) if isinstance(source, Scenario) else source
    compiled = arrays_of(program)
    goals = goals_of(asked, program.scenario, compiled)
    front = search(Solver(program, goals, compiled, gap, time_limit), between, most)
    return Pareto(
        program.scenario, goals, front, program.discrete, between, time.perf_counter() - started, command,
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), dict(inputs or {}), installed_versions(),
    )  # fmt: skip
