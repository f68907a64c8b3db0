"""Everything that a sweep can be asked, in one record: what is answered, and why something is not.

    found = analyse(kctopt.open("studies/NAME.duckdb"), Asked(below=95.0, outcome="security", year=2035))
    found.text("zh"), found.data(), found.tables()
    found.save(Path("out"))         CSV of every table, each box as a scenario file

| part | function |
|---|---|
| indices | `kctopt.study.analyses.sensitivity` |
| ranks | `kctopt.study.analyses.stability` |
| gaps | `kctopt.study.optima.gaps` |
| boxes | `kctopt.study.analyses.discover`, where a threshold is given |
| regret | `kctopt.study.held.regret` |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, cast

import pandas as pd

from kctopt.brief import brief, counted
from kctopt.comparison.conditions import ALIASES
from kctopt.disk import write_folder, write_text
from kctopt.errors import MissingExtra, UsageError
from kctopt.holding.in_draws import Hold
from kctopt.study.analyses import OBJECTIVE, can_be_asked, discover, members_of, sensitivity, stability
from kctopt.study.designs import IndexMethod
from kctopt.study.discovery import Discovery
from kctopt.study.held import OPTIMA, Regret, content_of, inputs_of, regret
from kctopt.study.indices import Indices
from kctopt.study.optima import Gaps, gaps
from kctopt.study.stability import Stability
from kctopt.study.swept import Swept
from kctopt.table import Column, Kind, Table, workbook, write_csv, write_rows

AT = ("middle", "worst")
SHEET = 31  # letters of a sheet's name that Excel takes
Part: TypeAlias = Indices | Stability | Gaps | Discovery | Regret


@dataclass(frozen=True)
class Asked:
    """What is asked of a sweep; each option is that of the function of its part."""

    outcome: str = OBJECTIVE
    year: int | None = None
    domain: str | None = None
    scenario: str | None = None
    method: str | None = None
    below: float | None = None
    above: float | None = None
    density: float | None = None
    by: tuple[str, ...] = ("domain",)
    top: int = 3
    plans: tuple[str, ...] = ()
    optima: int = OPTIMA
    threshold: float | None = None
    confidence: float = 0.95
    percentile: float = 0.9
    optimism: float = 0.5
    hold: Hold = "shares"
    seed: int = 0

    @property
    def explicit(self) -> set[str]:
        """Parts that were asked for by an option of their own: where they have no answer, that is an error."""
        asked = {"indices": self.method is not None, "regret": bool(self.plans), "boxes": True}
        asked["ranks"] = self.by != Asked.by or self.top != Asked.top
        return {part for part, named in asked.items() if named}


@dataclass(frozen=True, repr=False)
class Answers:
    """What a sweep says, scenario by scenario.

    Attributes
    ----------
    parts : Mapping
        By scenario and part (`indices`, `ranks`, `gaps`, `boxes`, `regret`) the record of its function, or the sentence
        in which it is said why there is none.
    """

    sweep: Swept
    asked: Asked
    parts: Mapping[str, Mapping[str, Part | str]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return brief(self, self.sweep.about["name"], counted(len(self.parts), "scenario"))

    def text(self, lang: str = "en") -> str:
        """For people, by part."""
        from kctopt.study.answers_text import text

        return text(self, lang)

    def data(self) -> dict[str, Any]:
        """What JSON prints: tables and sentences of each part, and what else can be asked."""
        told = []
        for scenario, parts in self.parts.items():
            record: dict[str, Any] = {"scenario": scenario}
            for name, part in parts.items():
                record[name] = {"refused": part} if isinstance(part, str) else {
                    "sentences": part.sentences(),
                    "tables": {title: as_table(title, frame).records for title, frame in frames(part)},
                }  # fmt: skip
            told.append(record)
        return {
            "schema_version": 1, "study": self.sweep.about["name"], "file": str(self.sweep.path),
            "outcome": self.asked.outcome, "hold": self.asked.hold, "scenarios": told,
            "can_be_asked": can_be_asked(self.sweep),
        }  # fmt: skip

    def tables(self) -> list[Table]:
        """Every table, those of several scenarios one below the other with a column `scenario`."""
        found: dict[str, list[pd.DataFrame]] = {}
        for scenario, parts in self.parts.items():
            for part in parts.values():
                for title, frame in () if isinstance(part, str) else frames(part):
                    own = flat(frame)
                    own.insert(0, "scenario", scenario)
                    found.setdefault(title, []).append(own)
        return [as_table(title, pd.concat(tables, ignore_index=True)) for title, tables in found.items()]

    def save(self, target: Path) -> list[Path]:
        """Write every table and every box: into a new folder, or a workbook (`.xlsx`) with the boxes beside it.

        Returns the files written. Raises WriteError where that cannot be, MissingExtra without xlsxwriter.
        """
        if target.suffix.lower() != ".xlsx":
            return sorted(write_folder(target, self._fill).iterdir())
        with workbook(target, "export excel") as book:
            head = book.add_format({"bold": True})
            for table in self.tables():
                sheet = book.add_worksheet(table.title[:SHEET])
                columns = [column.key for column in table.columns]
                write_rows(sheet, 0, [columns], [head] * len(columns))
                write_rows(sheet, 1, table.rows, [None] * len(columns))
        return [target, *self._boxes(target.parent, f"{target.stem}-")]

    def _fill(self, folder: Path) -> None:
        for table in self.tables():
            write_csv(folder / f"{table.title}.csv", table.columns, table.rows)
        self._boxes(folder, "")

    def _boxes(self, folder: Path, before: str) -> list[Path]:
        """Each box as two scenario files, beside the scenario that they extend."""
        written = []
        for scenario, parts in self.parts.items():
            found = parts.get("boxes")
            if not isinstance(found, Discovery) or not found.boxes:
                continue
            base = folder / f"{before}{scenario}.yaml"
            written.append(write_text(base, content_of(self.sweep, scenario)))
            own = f"{before}{scenario}-" if len(self.parts) > 1 else before
            for box in found.boxes:
                for at in AT:
                    content = box.scenario(base.name, inputs_of(self.sweep), "worst" if at == "worst" else "middle")
                    written.append(write_text(folder / f"{own}box-{box.number}-{at}.yaml", content))
        return written


def analyse(sweep: Swept, asked: Asked | None = None) -> Answers:
    """Ask a sweep everything that its sample and its members allow.

    Parameters
    ----------
    sweep : Sweep
        With all its members.
    asked : Asked, optional
        The outcome, thresholds, plans and so on.

    Returns
    -------
    Answers
        Parts without an answer have the sentence that says why.

    Raises
    ------
    UsageError
        Members that are missing; a part that was asked for by an option of its own and has no answer.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.answers import Asked, analyse
    >>> found = analyse(kctopt.open("studies/tight.duckdb"), Asked(top=1))
    >>> [name for name, part in found.parts["tiny"].items() if not isinstance(part, str)]
    ['ranks', 'gaps', 'regret']
    """
    asked = asked or Asked()
    names = list(dict.fromkeys(map(str, sweep.members["scenario"])))
    if not names or asked.scenario is not None:
        names = [str(members_of(sweep, asked.scenario)["scenario"].iloc[0])]
    for name in names:
        members_of(sweep, name)
    return Answers(sweep, asked, {name: _parts(sweep, asked, name) for name in names})


def _parts(sweep: Swept, asked: Asked, scenario: str) -> dict[str, Part | str]:
    """Every part of one scenario, or why there is none."""
    of: dict[str, Any] = {"domain": asked.domain, "scenario": scenario, "seed": asked.seed}
    by = asked.by[0] if len(asked.by) == 1 else asked.by
    ways: dict[str, Callable[[], Part]] = {
        "indices": lambda: sensitivity(
            sweep, asked.outcome, asked.year, method=cast("IndexMethod | None", asked.method), **of
        ),
        "ranks": lambda: stability(sweep, by=by, top=_top(sweep, asked, scenario), scenario=scenario),
        "gaps": lambda: gaps(sweep, scenario),
        "regret": lambda: regret(
            sweep, plans=asked.plans, optima=asked.optima, scenario=scenario, threshold=asked.threshold,
            confidence=asked.confidence, percentile=asked.percentile, optimism=asked.optimism, hold=asked.hold,
        ),
    }  # fmt: skip
    if asked.below is not None or asked.above is not None:
        ways["boxes"] = lambda: discover(
            sweep, asked.outcome, asked.year, below=asked.below, above=asked.above, density=asked.density, **of
        )
    elif asked.density is not None:
        raise UsageError("--density is of boxes, which need a threshold: give --below or --above too")
    found: dict[str, Part | str] = {}
    for name, way in ways.items():
        try:
            found[name] = way()
        except (UsageError, MissingExtra) as error:
            if name in asked.explicit or _misspelt(sweep, asked):
                raise
            found[name] = str(error)
    return found


def _top(sweep: Swept, asked: Asked, scenario: str) -> int:
    """How many are the top: where nobody asked, fewer than there are items."""
    money = sweep.allocation
    if asked.top != Asked.top or not set(asked.by) <= set(money.columns):
        return asked.top
    items = len(money.loc[money["scenario"] == scenario, list(asked.by)].drop_duplicates())
    return max(1, min(asked.top, items - 1))


def _misspelt(sweep: Swept, asked: Asked) -> bool:
    """Whether outcome, year or domain are none of the sweep's; then nothing that was asked is answered."""
    known = can_be_asked(sweep)
    pairs = ((asked.year, known["years"]), (asked.domain, known["domains"]))
    return ALIASES.get(asked.outcome, asked.outcome) not in known["outcomes"] or any(
        one is not None and one not in all_ for one, all_ in pairs
    )


def frames(part: Part) -> Iterator[tuple[str, pd.DataFrame]]:
    """The tables of a part by title; those without rows are left out."""
    if isinstance(part, Indices):
        named = {"indices": part.table, "second_order": part.second, "convergence": part.convergence}
    elif isinstance(part, Stability):
        named = {"ranks": part.table}
    elif isinstance(part, Gaps):
        named = {"gaps": part.table}
    elif isinstance(part, Discovery):
        named = {"boxes": part.table, "box_limits": part.limits, "box_trajectory": part.trajectory}
    else:
        matrix = part.measures.regret
        named = {
            "plans": part.plans, "measures": part.measures.table, "measure_ranks": part.measures.ranking,
            "values": part.values.rename_axis("draw"), "regret_low": matrix.low.rename_axis("draw"),
            "regret_high": matrix.high.rename_axis("draw"),
        }  # fmt: skip
    yield from ((title, frame) for title, frame in named.items() if len(frame))


def flat(frame: pd.DataFrame) -> pd.DataFrame:
    """A table with its named index as columns."""
    return frame.reset_index() if any(frame.index.names) else frame.reset_index(drop=True)


def as_table(title: str, frame: pd.DataFrame) -> Table:
    """A DataFrame as a table of the project's."""
    own = flat(frame)
    own = own.astype(object).where(own.notna(), None)
    kinds = [_kind(flat(frame)[name]) for name in own.columns]
    columns = [Column(str(name), kind) for name, kind in zip(own.columns, kinds, strict=True)]
    return Table.of(title, columns, (dict(zip(map(str, own.columns), row, strict=True)) for row in own.to_numpy()))


def _kind(column: pd.Series[Any]) -> Kind:
    if pd.api.types.is_bool_dtype(column):
        return "boolean"
    if pd.api.types.is_integer_dtype(column):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column) else "any"
