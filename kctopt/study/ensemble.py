"""A fixed plan in many draws: money held, the exact laws run in each, and whether the plan keeps the rules there.

A member is one draw, with its outcome and its status:

| status | meaning |
|---|---|
| kept | simulated; the plan keeps every rule in this draw |
| adjusted | held as shares; they break a rule on money here, and the least change in proportion keeps it (`moved`) |
| broken | simulated; the plan breaks a rule: which one, and by how much |
| invalid | not simulated: no scenario file could hold these numbers, or the laws give no finite one; with the reason |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kctopt.brief import as_html, brief, counted
from kctopt.errors import UsageError, suggest
from kctopt.holding.in_draws import Hold
from kctopt.scenario.records import Scenario
from kctopt.study import outcomes as kinds
from kctopt.study.ensemble_text import text
from kctopt.study.records import Array, Draws
from kctopt.study.worlds import Numbers

if TYPE_CHECKING:
    import pandas

    from kctopt.study.plots.of_ensemble import EnsemblePlots

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STATUSES = ("kept", "adjusted", "broken", "invalid")
PLACES = ("domain", "line", "policy", "year")


@dataclass(frozen=True, repr=False)
class Ensemble:
    """A fixed plan in many draws.

    Outcomes have the names of a run's tables (`kctopt/study/outcomes.py` lists them). Those of the nation are kept of
    every draw; those of lines and domains of every draw if they were asked for by name or are few, else of draws spread
    evenly over all (`kept_of`).

    Examples
    --------
    >>> import kctopt, pandas
    >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
    >>> len(ensemble), ensemble.status["status"].tolist()
    (2, ['kept', 'kept'])
    """

    scenario: Scenario
    draws: Draws
    values: Mapping[str, Array]  # outcome -> (draws kept, *axes); nan in invalid draws
    kept: Mapping[str, Numbers]  # outcome -> numbers of the draws kept
    labels: Mapping[str, Mapping[str, Sequence[Any]]]  # outcome -> axis -> labels
    member: Mapping[str, NDArray[Any]]  # columns of `status`, (D,) each
    own: bool = False  # whether the plan has rules or an objective of its user, which draws do not judge
    hold: Hold = "shares"  # of each draw's budget, or amounts

    def __len__(self) -> int:
        return len(self.draws.values)

    def __repr__(self) -> str:
        return brief(self, *self._facts().values())

    def _repr_html_(self) -> str:
        return as_html(f"Ensemble {self.scenario.name}", self._facts())

    def _facts(self) -> dict[str, str]:
        parts = {name: int((self.member["status"] == name).sum()) for name in STATUSES}
        shares = ", ".join(f"{name} {count / max(1, len(self)):.1%}" for name, count in parts.items() if count)
        middle = ""
        if self.simulated.any():
            low, mid, high = np.quantile(self.values["objective"][self.simulated], (0.05, 0.5, 0.95))
            middle = f"objective {mid:.6g} ({low:.6g} to {high:.6g})"
        return {
            "draws": f"{self.scenario.name}, {counted(len(self), 'draw')}",
            "status": shares,
            "objective (5 % to 95 %)": middle,
        }

    @property
    def simulated(self) -> NDArray[np.bool_]:
        """Whether each draw was simulated: all but the invalid ones, (D,)."""
        return np.asarray(self.member["status"] != "invalid")

    @property
    def lawful(self) -> NDArray[np.bool_]:
        """Whether the plan keeps every rule in each draw, adjusted or not, (D,)."""
        return np.isin(self.member["status"].astype(str), ("kept", "adjusted"))

    @cached_property
    def status(self) -> pandas.DataFrame:
        """One row a draw: status, reason, number of rules broken, the worst of them, by how much, and its unit.

        `factor` is the plan's money over the money planned (its budget there over the one it was made for), `moved` the
        share of it that stands elsewhere after it was adjusted.
        """
        import pandas as pd

        return pd.DataFrame(dict(self.member)).rename_axis("draw")

    @cached_property
    def inputs(self) -> pandas.DataFrame:
        """Values drawn: one row a draw, one column an input."""
        import pandas as pd

        columns = {entry.name: pd.Series(self.draws.values[:, k]) for k, entry in enumerate(self.draws.inputs)}
        return pd.DataFrame({name: values.infer_objects() for name, values in columns.items()}).rename_axis("draw")

    @cached_property
    def outcomes(self) -> pandas.DataFrame:
        """One row a draw, one column a scalar outcome; of indices the value at the end of the last planned year."""
        import pandas as pd

        last = self.scenario.horizon.last_year - self.scenario.horizon.base_year
        single = {name: self.values[name] for name in (*kinds.SCALARS, *kinds.ASKED) if name in self.values}
        end = {name: self.values[name][:, last] for name in kinds.NATION}
        return pd.DataFrame(single | end).rename_axis("draw").dropna(axis="columns", how="all")

    @property
    def plot(self) -> EnsemblePlots:
        """The figures, one method each: `ensemble.plot.fan()`; needs the extra `report`."""
        from kctopt.study.plots.of_ensemble import EnsemblePlots

        return EnsemblePlots(self)

    def quantiles(
        self, q: float | Sequence[float] = QUANTILES, outcomes: Iterable[str] | None = None
    ) -> pandas.DataFrame:
        """Quantiles of outcomes over the draws that were simulated.

        Parameters
        ----------
        q : float or sequence of float, default (0.05, 0.25, 0.5, 0.75, 0.95)
            Shares of probability, in [0, 1]; each is a column.
        outcomes : iterable of str, optional
            Names; all that are kept by default.

        Returns
        -------
        pandas.DataFrame
            One row an outcome and place: columns outcome, domain, line, policy, year (blank where an outcome has none),
            one a quantile, and `draws`, how many it is taken from.

        Raises
        ------
        UsageError
            For a name that is no outcome, or a share outside [0, 1].

        Examples
        --------
        >>> import kctopt, pandas
        >>> draws = pandas.DataFrame({"controls.intensity": [0.2, 0.4, 0.6]})
        >>> ensemble = kctopt.simulate("runs/baseline", draws=draws)
        >>> table = ensemble.quantiles((0.05, 0.5, 0.95), ["security"])
        >>> list(table.columns)
        ['outcome', 'domain', 'line', 'policy', 'year', '5%', '50%', '95%', 'draws']
        """
        import pandas as pd

        shares = checked_shares(q)
        tables = []
        for name in self._named(outcomes):
            values = self.values[name][self.simulated[self.kept[name]]]
            if not len(values):
                continue
            with np.errstate(invalid="ignore"):
                cut = np.quantile(values, shares, axis=0)
            columns = _places(self.labels[name])
            columns |= {f"{100 * share:g}%": part.ravel() for share, part in zip(shares, cut, strict=True)}
            tables.append(pd.DataFrame({"outcome": name} | columns | {"draws": len(values)}))
        if not tables:
            return pd.DataFrame(columns=["outcome", *PLACES, *(f"{100 * share:g}%" for share in shares), "draws"])
        table = pd.concat(tables, ignore_index=True)
        return table.dropna(subset=[f"{100 * shares[0]:g}%"]).reset_index(drop=True)

    def to_frame(self, outcome: str) -> pandas.DataFrame:
        """All values of one outcome, one row each.

        Parameters
        ----------
        outcome : str
            Its name.

        Returns
        -------
        pandas.DataFrame
            Columns draw, the axes of the outcome (domain, line, policy, year), and value; nan in invalid draws.

        Raises
        ------
        UsageError
            For a name that is no outcome.

        Examples
        --------
        >>> import kctopt, pandas
        >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
        >>> list(ensemble.to_frame("gap").columns)
        ['draw', 'line', 'year', 'value']
        """
        import pandas as pd

        (name,) = self._named([outcome])
        values, labels = self.values[name], self.labels[name]
        size = int(np.prod(values.shape[1:], dtype=int))
        places = {axis: np.tile(part, len(values)) for axis, part in _places(labels).items() if axis in labels}
        draw = np.repeat(self.kept[name], size)
        return pd.DataFrame({"draw": draw} | places | {"value": values.ravel()})

    def kept_of(self, outcome: str) -> int:
        """Number of draws of which an outcome is kept.

        Parameters
        ----------
        outcome : str
            Its name.

        Returns
        -------
        int
            All draws, or those that had room.

        Raises
        ------
        UsageError
            For a name that is no outcome.

        Examples
        --------
        >>> import kctopt, pandas
        >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
        >>> ensemble.kept_of("gap")
        2
        """
        return len(self.kept[self._named([outcome])[0]])

    def summary(self, lang: str = "en") -> str:
        """What came of it, in words and small tables.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            Status of the draws, quantiles at the end of the plan, rules broken, reasons of refusal.

        Examples
        --------
        >>> import kctopt, pandas
        >>> ensemble = kctopt.simulate("runs/baseline", draws=pandas.DataFrame({"controls.intensity": [0.2, 0.6]}))
        >>> print(ensemble.summary().splitlines()[0])
        tiny: a fixed plan in 2 draws of 1 uncertain input.
        """
        return text(self, lang)

    def data(self) -> dict[str, Any]:
        """What JSON tells of it: counts by status, rules broken, and quantiles of scalar outcomes."""
        simulated = self.outcomes[self.simulated]
        cut = simulated.quantile(list(QUANTILES))
        counts = {name: int((self.member["status"] == name).sum()) for name in STATUSES}
        factor, moved = (self.member[name][self.simulated] for name in ("factor", "moved"))
        return {
            "schema_version": 1,
            "scenario": self.scenario.name,
            "draws": len(self),
            "inputs": [entry.name for entry in self.draws.inputs],
            "hold": self.hold,
            "factor": [float(found) for found in (factor.min(), factor.max())] if len(factor) else None,
            "moved": float(moved.max()) if len(moved) else None,
            "status": counts,
            "quantiles": {
                name: {f"{share:g}": float(cut[name][share]) for share in QUANTILES} for name in cut if len(simulated)
            },
            "own_rules_judged": not self.own,
        }

    def write(self, folder: Path) -> None:
        """Write members.csv and quantiles.csv into a folder that is there."""
        import pandas as pd

        members = pd.concat([self.inputs.add_prefix("input: "), self.status, self.outcomes], axis=1)
        members.to_csv(folder / "members.csv")
        self.quantiles().to_csv(folder / "quantiles.csv", index=False)

    def _named(self, outcomes: Iterable[str] | None) -> list[str]:
        if outcomes is None:
            return list(self.values)
        asked = [outcomes] if isinstance(outcomes, str) else list(outcomes)
        check_names(asked, self.values)
        return asked


def check_names(names: Iterable[Any], known: Iterable[str]) -> None:
    """Refuse a name that is no outcome, with the one that is probably meant. Raises UsageError."""
    there = list(known)
    for name in names:
        if name not in there:
            raise UsageError(f"no outcome {name!r}; {suggest(str(name), there)}".rstrip("; "))


def checked_shares(q: Any) -> list[float]:
    """Shares of probability, one or several. Raises UsageError for what is none."""
    shares = [q] if isinstance(q, int | float) else list(q)
    if not shares or not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
        raise UsageError(f"q={q!r}: needs shares of probability from 0 to 1, such as (0.05, 0.5, 0.95)")
    return [float(share) for share in shares]


def _places(labels: Mapping[str, Sequence[Any]]) -> dict[str, NDArray[Any]]:
    """Columns of all places of an outcome, in the order of its values; blank on axes that it lacks."""
    shape = tuple(len(part) for part in labels.values())
    size = int(np.prod(shape, dtype=int))
    columns: dict[str, NDArray[Any]] = {name: np.full(size, "", dtype=object) for name in PLACES}
    for axis, (name, part) in enumerate(labels.items()):
        across = np.array(part, dtype=object).reshape([-1 if n == axis else 1 for n in range(len(shape))])
        columns[name] = np.broadcast_to(across, shape).ravel()
    return columns
