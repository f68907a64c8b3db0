"""Any number of runs side by side: their tables in one, filtered, compared, set against each other."""

from __future__ import annotations

import glob
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.api.comparison import Comparison
from kctopt.api.result import Result
from kctopt.arguments import checked_place
from kctopt.brief import as_html, brief, counted
from kctopt.comparison.comparison import compare
from kctopt.comparison.regret import Regret, hindrance, regret
from kctopt.comparison.regret_text import no_regret
from kctopt.comparison.runs import described, named
from kctopt.errors import RunError, UsageError, suggest
from kctopt.result import folder
from kctopt.result.run import open_run

if TYPE_CHECKING:
    import pandas


class Collection(Mapping[str, Result]):
    """Named runs, in order: a mapping by name.

    Names are those of the run folders (of the scenarios, where a result was not saved), or given as a mapping. The
    tables of a result are attributes that hold those of all runs in one, with a column `run`.

    Parameters
    ----------
    results : iterable of Result, or mapping of str to Result
        The runs.

    Examples
    --------
    >>> import kctopt
    >>> runs = kctopt.Collection.open("runs/*")
    >>> list(runs), set(runs.indices["run"])
    (['baseline'], {'baseline'})
    """

    def __init__(self, results: Iterable[Result] | Mapping[str, Result]) -> None:
        self._results = dict(results) if isinstance(results, Mapping) else named(results)

    @classmethod
    def open(cls, *places: str | Path) -> Collection:
        """Runs in folders.

        Parameters
        ----------
        *places : str or pathlib.Path
            A run folder, a folder of runs, or a pattern such as ``studies/*/runs/*``, each.

        Returns
        -------
        Collection
            In the order of the places, each run once.

        Raises
        ------
        RunError
            Where a place holds no run.

        Examples
        --------
        >>> import kctopt
        >>> len(kctopt.Collection.open("runs"))
        1
        """
        folders = dict.fromkeys(run.resolve() for place in places for run in _runs(place))
        return cls([open_run(run, Result) for run in folders])

    def __getitem__(self, name: str) -> Result:
        if name not in self._results:
            raise KeyError(f"no run {name!r}; {suggest(name, self._results)}".rstrip("; "))
        return self._results[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __repr__(self) -> str:
        return brief(self, counted(len(self), "run"), *self)

    def _repr_html_(self) -> str:
        return as_html(
            f"Collection of {counted(len(self), 'run')}", {name: repr(result) for name, result in self.items()}
        )

    def filter(self, keep: Callable[[Result], bool] | None = None, *, status: str | None = None) -> Collection:
        """The runs for which `keep` is true, and whose status is the given one.

        Parameters
        ----------
        keep : callable, optional
            Given a Result, whether it stays.
        status : str, optional
            Such as `optimal`.

        Returns
        -------
        Collection
            Those that stay.

        Examples
        --------
        >>> import kctopt
        >>> len(kctopt.Collection.open("runs").filter(status="infeasible"))
        0
        """
        return Collection({
            name: result
            for name, result in self._results.items()
            if (keep is None or keep(result)) and status in (None, result.status)
        })  # fmt: skip

    def compare(self, base: str | None = None) -> Comparison:
        """All other runs against one.

        Parameters
        ----------
        base : str, optional
            Name of the one; the first by default.

        Returns
        -------
        Comparison
            With a pair for each other run.

        Raises
        ------
        UsageError
            With fewer than two runs.

        Examples
        --------
        >>> import kctopt
        >>> run = kctopt.open("runs/baseline")
        >>> kctopt.Collection({"one": run, "two": run}).compare(base="two").pairs[0].run.name
        'one'
        """
        if len(self) < 2:
            raise UsageError(f"a comparison needs at least two runs; there are {len(self)}")
        first = next(iter(self)) if base is None else base
        ordered = {first: self[first]} | {name: result for name, result in self.items() if name != first}
        return compare(ordered, Comparison)

    def regret(self) -> Regret:
        """Every plan under every scenario; runs without a plan are left out.

        Returns
        -------
        Regret
            The matrix, in points of the objective.

        Raises
        ------
        UsageError
            Where there is no such matrix: fewer than two plans, other shapes, own parts.

        Examples
        --------
        >>> import kctopt
        >>> run = kctopt.open("runs/baseline")
        >>> len(kctopt.Collection({"one": run, "two": run}).regret().runs)
        2
        """
        why = hindrance(self._results)
        if why:
            raise UsageError(no_regret(why, self._results, "en"))
        return regret(self._results)

    @cached_property
    def runs(self) -> pandas.DataFrame:
        """One row for each run: status, objective, bound, gap, hash."""
        import pandas

        return pandas.DataFrame([vars(described(name, result)) for name, result in self.items()])

    def table(self, name: str) -> pandas.DataFrame:
        """A table of all runs in one.

        Parameters
        ----------
        name : str
            Such as `allocation`.

        Returns
        -------
        pandas.DataFrame
            With a column `run` in front.

        Raises
        ------
        KeyError
            Where there is no such table.

        Examples
        --------
        >>> import kctopt
        >>> kctopt.Collection.open("runs").table("indices").columns[0]
        'run'
        """
        import pandas

        from kctopt.result.fields import TABLES, frame

        if name not in TABLES:
            raise KeyError(f"no table {name!r}; there are {', '.join(TABLES)}")
        parts = []
        for run, result in self.items():
            part: Any = frame(name, result.columns(name))
            part.insert(0, "run", run)
            parts.append(part)
        full = [part for part in parts if len(part)] or parts[:1]
        joined: pandas.DataFrame = pandas.concat(full, ignore_index=True)
        return joined

    @cached_property
    def allocation(self) -> pandas.DataFrame:
        """Spend of every run by line, year, track and rung, billion CNY."""
        return self.table("allocation")

    @cached_property
    def capability(self) -> pandas.DataFrame:
        """State of every line by run and year, index points."""
        return self.table("capability")

    @cached_property
    def stages(self) -> pandas.DataFrame:
        """Stage of every line by run and year."""
        return self.table("stages")

    @cached_property
    def indices(self) -> pandas.DataFrame:
        """National and domain indices by run and year."""
        return self.table("indices")

    @cached_property
    def constraints(self) -> pandas.DataFrame:
        """Every rule of every run with its two sides, slack and price."""
        return self.table("constraints")


def _runs(given: str | Path) -> list[Path]:
    """Run folders that a place names."""
    place = str(checked_place("place", given, "a run folder, a folder of runs or a pattern"))
    if Path(place).is_dir():
        own = [Path(place)] if _is_run(Path(place)) else sorted(path for path in Path(place).iterdir() if _is_run(path))
    else:
        own = sorted(path for path in map(Path, glob.glob(place)) if _is_run(path))  # noqa: PTH207 - absolute patterns too
    if not own:
        raise RunError(f"{place}: no run folder (a run folder has a {folder.RUN_FILE})")
    return own


def _is_run(place: Path) -> bool:
    return not place.name.startswith(".") and (place / folder.RUN_FILE).is_file()
