"""`kctopt.pareto`: objectives of a scenario against each other."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.api import read
from kctopt.arguments import checked_between, checked_gap, checked_limit, checked_place
from kctopt.disk import ready
from kctopt.errors import InputNote
from kctopt.language import checked_lang
from kctopt.progress import Listener, listening

if TYPE_CHECKING:
    from kctopt.fronts.pareto import Pareto
    from kctopt.program import Program
    from kctopt.scenario.records import Scenario

    Source = str | Path | Scenario | Program


def pareto(
    source: Source, objectives: str | Sequence[str], *, between: float = 0.01, solves: int = 60, gap: float = 1e-4,
    time_limit: float | None = None, set: Mapping[str, Any] | None = None, save: str | Path | None = None,
    lang: str = "en", progress: Listener | None = None,
) -> Pareto:  # fmt: skip
    """The best a scenario can do in two or three objectives against each other, every point certified.

    Parameters
    ----------
    source : str, pathlib.Path, Scenario or Program
        As for `solve`.
    objectives : str or sequence of str
        Two or three of NS, EP, MP, KCT, spend and exposure, such as `"NS,spend"`; of discrete decisions two.
    between : float, default 0.01
        Largest gap between neighbours that is left, a share of the ranges of the objectives.
    solves : int, default 60
        Solves after which the front is left as it is, its gap told.
    gap : float, default 1e-4
        Relative gap of each solve at most; less where the range of an objective is small.
    time_limit : float, optional
        Seconds for each solve.
    set : mapping, optional
        Changes by path, as for `load`.
    save : str or pathlib.Path, optional
        Folder for the front and a run of every point; nothing is saved by default.
    lang : str, default "en"
        Language of the saved figure, `en` or `zh`.
    progress : callable, optional
        Given a `kctopt.Progress` at every round; StopIteration in it ends the search with the points found.

    Returns
    -------
    Pareto
        Read its `status` first, and its `gap`.

    Raises
    ------
    ScenarioErrors
        With every fault of the input.
    UsageError
        For objectives that are unknown, stand twice or do not conflict, and for other objectives than national
        security in the scenario.
    Infeasible, NoPlan
        Where no plan keeps all rules, or none was found in the time allowed.
    WriteError
        Where `save` cannot be written, before anything is solved.

    References
    ----------
    R. Bokrantz and A. Forsgren (2013), INFORMS Journal on Computing 25(4), 613-630.

    Examples
    --------
    >>> import kctopt
    >>> front = kctopt.pareto("world.yaml", "NS,spend", between=0.05)
    >>> front.status == "optimal", front.gap <= 0.05
    (True, True)
    """
    from kctopt.fronts.goals import checked_names
    from kctopt.fronts.pareto import trace

    names, lang = checked_names(objectives), checked_lang(lang)
    between, gap, time_limit = checked_between(between), checked_gap(gap), checked_limit(time_limit)
    target = None if save is None else checked_place("save", save, "the folder for the front")
    question = read(source, set)
    for note in question.notes:
        warnings.warn(note, InputNote, stacklevel=2)
    if target is not None:
        ready(target)
    with listening(progress):
        front = trace(
            question.program or question.scenario, names, between=between, most=solves, gap=gap,
            time_limit=time_limit, inputs=question.inputs,
        )  # fmt: skip
    if target is not None:
        front.save(target, lang)
    return front
