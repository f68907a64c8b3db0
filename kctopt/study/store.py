"""One DuckDB file for each study: what was asked, and members as they end.

| table | one row for each | columns |
|---|---|---|
| study | file | schema_version, name, label, gap, inputs, sample, versions (the last three as JSON) |
| draws | draw and input | draw, input, share, number, text |
| places | scenario and draw | scenario, draw, member |
| members | member | member (its hash), status, objective, bound, gap, reason, time_limit, code |
| outcomes | outcome, domain and year of a member with a plan | member, outcome, domain, year, value |
| allocation | line, plan and track of such a member | member, line, domain, type, plan, track, amount (billion CNY) |
| work | member | member, seconds, cpu, worker: what differs from run to run |
| labels | scenario, its model, domain, line | scenario, kind, id, en, zh; earlier files lack it: ids stand in |
| scenarios | scenario | scenario, content: a file that needs no other |
| fixed | plan of a run that the study holds fixed | name, folder, content (plans.py) |
| plans | member with a plan | member, content (plans.py) |

A member is known by the hash of all that decides it, so what is there is not solved again; draws of a larger sample of
the same study find those that they share. Members that end together are written in one transaction: after a crash
each is there as a whole or not at all. One process at a time writes: DuckDB locks the file.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kctopt.cache import code, installed_versions
from kctopt.disk import OTHER_PLACE, refused, writing
from kctopt.errors import KctoptError, RunError, UsageError, WriteError
from kctopt.scenario.dump import dump
from kctopt.study.plans import packed_runs
from kctopt.study.records import Draws, Study
from kctopt.study.worker import Done

if TYPE_CHECKING:
    import pandas

SCHEMA = 1
TABLES = {
    "study": "schema_version INTEGER, name VARCHAR, label VARCHAR, gap DOUBLE, inputs VARCHAR, sample VARCHAR, "
    "versions VARCHAR",
    "draws": "draw INTEGER, input VARCHAR, share DOUBLE, number DOUBLE, text VARCHAR",
    "places": "scenario VARCHAR, draw INTEGER, member VARCHAR",
    "members": "member VARCHAR PRIMARY KEY, status VARCHAR, objective DOUBLE, bound DOUBLE, gap DOUBLE, "
    "reason VARCHAR, time_limit DOUBLE, code VARCHAR",
    "outcomes": "member VARCHAR, outcome VARCHAR, domain VARCHAR, year INTEGER, value DOUBLE",
    "allocation": "member VARCHAR, line VARCHAR, domain VARCHAR, type VARCHAR, plan VARCHAR, track VARCHAR, "
    "amount DOUBLE",
    "work": "member VARCHAR PRIMARY KEY, seconds DOUBLE, cpu DOUBLE, worker VARCHAR",
}
ADDED = {  # earlier files lack them
    "labels": "scenario VARCHAR, kind VARCHAR, id VARCHAR, en VARCHAR, zh VARCHAR",
    "scenarios": "scenario VARCHAR, content VARCHAR",
    "fixed": "name VARCHAR, folder VARCHAR, content BLOB",
    "plans": "member VARCHAR, content BLOB",
}
AGAIN = ("error", "lost", "interrupted")  # tried again by the next run
IN_TIME = ("limit", "no_plan")  # tried again with more time
HOW = "p.scenario, p.draw"  # members of the study at hand, in its order
ORDER = "s.place, p.draw"


class Store:
    """A study's file, open for reading or writing.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    write : bool, default False
        Make it where it is not there, and hold it against other processes.

    Raises
    ------
    RunError
        Where it is no study file, is not there, or is held by another process.
    WriteError
        Where it cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from kctopt.study.store import Store
    >>> with Store(Path("empty.duckdb"), write=True) as store:
    ...     len(store.table("members"))
    0
    """

    def __init__(self, path: Path, write: bool = False) -> None:
        import duckdb

        self.path = path
        if not write and not path.is_file():
            raise RunError(f"{path}: there is no such file; `kctopt sweep STUDY -o {path}` makes one")
        if write:
            with writing(path):
                path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open = duckdb.connect(str(path), read_only=not write)
        except duckdb.Error as error:
            raise _not_opened(path, str(error)) from error
        if write:
            self._make()
        known = {name for (name,) in self._rows("SELECT table_name FROM information_schema.tables")}
        if not set(TABLES) <= known:
            self.close()
            raise RunError(f"{path}: holds no study, but other tables; name another file")

    def _make(self) -> None:
        with self._transaction():
            empty = not self._rows("SELECT table_name FROM information_schema.tables")
            for name, columns in (TABLES | ADDED).items() if empty else ():
                self._open.execute(f"CREATE TABLE {name} ({columns})")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        import duckdb

        with suppress(duckdb.Error):  # a database that a full disk has spoilt in memory; what was written is on disk
            self._open.close()

    def begin(self, study: Study, draws: Draws, places: Sequence[tuple[str, int, str]], gap: float) -> None:
        """Write what is asked: the study, its draws, and which member stands at which scenario and draw.

        Raises UsageError where the file holds another study.
        """
        named = self._rows("SELECT name FROM study")
        if named and named[0][0] != study.name:
            raise UsageError(
                f"{self.path} holds the study '{named[0][0]}', and this one is '{study.name}': "
                "name another file with -o"
            )
        fixed = list(packed_runs(study.plans))
        inputs = [{"name": one.name, "paths": one.paths, "way": one.way} for one in draws.inputs]
        asked = [
            SCHEMA, study.name, study.label, gap, json.dumps(inputs), json.dumps(asdict(draws.sample)),
            json.dumps(installed_versions()),
        ]  # fmt: skip
        with self._transaction():
            for name, columns in ADDED.items():
                self._open.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")
            for table in ("study", "draws", "places", "labels", "scenarios", "fixed"):
                self._open.execute(f"DELETE FROM {table}")
            self._open.execute("INSERT INTO study VALUES (?, ?, ?, ?, ?, ?, ?)", asked)
            self._insert("draws", _draw_rows(draws))
            self._insert("places", _frame("places", places))
            self._insert("labels", _frame("labels", list(_labels(study))))
            self._insert("scenarios", _frame("scenarios", [(one.name, dump(one)) for one in study.scenarios]))
            self._insert("fixed", _frame("fixed", fixed))

    def known(self, time_limit: float | None) -> set[str]:
        """Hashes of members that need not be solved again, given so much time."""
        rows = self._rows("SELECT member, status, time_limit FROM members")
        least = math.inf if time_limit is None else time_limit
        return {
            member
            for member, status, limit in rows
            if status not in AGAIN and not (status in IN_TIME and limit is not None and limit < least)
        }

    def add(self, done: Sequence[Done]) -> None:
        """Write members as they ended, all in one transaction; one that is there already is taken anew."""
        rows = [row for part in done for row in part.rows]
        if not rows:
            return
        keys = [row.member for row in rows]
        ended = [
            (row.member, row.status, row.objective, row.bound, row.gap, row.reason, row.time_limit, code())
            for row in rows
        ]
        with self._transaction():
            for table in ("members", "work", "outcomes", "allocation", "plans"):
                self._open.execute(f"DELETE FROM {table} WHERE member IN (SELECT unnest(?))", [keys])
            self._insert("members", _frame("members", ended))
            self._insert("work", _frame("work", [(row.member, row.seconds, row.cpu, row.worker) for row in rows]))
            for part in done:
                for table in ("outcomes", "allocation", "plans"):
                    if (frame := getattr(part, table)) is not None:
                        self._insert(table, frame)

    def table(self, name: str) -> pandas.DataFrame:
        """A table of the study at hand, in the order of its scenarios and draws; members with scenario and draw."""
        order = "(SELECT scenario, min(rowid) AS place FROM places GROUP BY scenario) AS s"
        joined = f"FROM places AS p JOIN {order} USING (scenario)"
        match name:
            case "draws":
                return self._draws()
            case "places":
                return self._frame(f"SELECT {HOW}, p.member {joined} ORDER BY {ORDER}")
            case "members":
                what = "t.status, t.objective, t.bound, t.gap, t.reason, p.member"
                return self._frame(f"SELECT {HOW}, {what} {joined} JOIN members AS t USING (member) ORDER BY {ORDER}")
            case "plans" if not self._has(name):
                return _frame(name, [])
            case "outcomes" | "allocation" | "work" | "plans":
                return self._frame(
                    f"SELECT {HOW}, t.* EXCLUDE (member) {joined} JOIN {name} AS t USING (member) "
                    f"ORDER BY {ORDER}, t.rowid"
                )
            case "labels" | "scenarios" | "fixed":
                return self._frame(f"SELECT * FROM {name} ORDER BY rowid") if self._has(name) else _frame(name, [])
            case _:
                raise ValueError(name)

    def _has(self, name: str) -> bool:
        return bool(self._rows(f"SELECT 1 FROM information_schema.tables WHERE table_name = '{name}'"))

    def missing(self) -> int:
        """How many places have no member yet."""
        count: int = self._rows("SELECT count(*) FROM places WHERE member NOT IN (SELECT member FROM members)")[0][0]
        return count

    def about(self) -> dict[str, Any]:
        """What the study is: name, label, gap, inputs, sample, versions."""
        rows = self._rows("SELECT schema_version, name, label, gap, inputs, sample, versions FROM study")
        if not rows:
            raise RunError(f"{self.path}: holds no study yet; run `kctopt sweep` again")
        version, name, label, gap, *texts = rows[0]
        if version > SCHEMA:
            raise RunError(
                f"{self.path}: was written by a later kctopt (schema {version}); install that one to read it"
            )
        inputs, sample, versions = map(json.loads, texts)
        return {
            "name": name, "label": label, "gap": gap, "inputs": inputs, "sample": sample, "versions": versions
        }  # fmt: skip

    def copy_to(self, folder: Path) -> Path:
        """A copy of the file as it was last written, in another place."""
        copied = folder / self.path.name
        for end in ("", ".wal"):
            source = self.path.with_name(self.path.name + end)
            if source.is_file():
                shutil.copy(source, copied.with_name(copied.name + end))
        return copied

    def _draws(self) -> pandas.DataFrame:
        """Draws with a column for each input, in the order of the study."""
        import pandas

        rows = self._frame("SELECT draw, input, number, text FROM draws ORDER BY draw, rowid")
        names = list(dict.fromkeys(rows["input"]))
        wide: dict[str, list[Any]] = {name: [] for name in names}
        for name, number, text in zip(rows["input"], rows["number"], rows["text"], strict=True):
            wide[name].append(number if text is None or text != text else json.loads(text))
        index = pandas.Index(list(dict.fromkeys(rows["draw"])), name="draw", dtype="int64")
        return pandas.DataFrame(wide, index=index)

    def _frame(self, query: str) -> pandas.DataFrame:
        frame: pandas.DataFrame = self._open.execute(query).df()
        return frame

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return list(self._open.execute(query).fetchall())

    def _insert(self, table: str, frame: pandas.DataFrame) -> None:
        self._open.register("added", frame)
        names = ", ".join(frame.columns)
        self._open.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM added")
        self._open.unregister("added")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it or nothing; what the system refuses is a WriteError."""
        import duckdb

        with _told(self.path):
            self._open.execute("BEGIN")
            try:
                yield
                self._open.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):
                    self._open.execute("ROLLBACK")
                raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """What is refused while writing, as a WriteError."""
    import duckdb

    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise refused(path, error) from error
    except (duckdb.IOException, duckdb.FatalException, duckdb.InternalException, duckdb.TransactionException) as error:
        raise WriteError(f"{path}: cannot be written: {str(error).splitlines()[0]}; {OTHER_PLACE}") from error


def _not_opened(path: Path, words: str) -> KctoptError:
    """Why a file cannot be opened: held, no database, or a place where nothing can be made."""
    if not path.is_file():
        return WriteError(f"{path}: cannot be written: {words.splitlines()[0]}; {OTHER_PLACE}")
    if "lock" in words.lower():
        return RunError(
            f"{path}: another process has it open; wait until that one has ended, or name another file with -o"
        )
    return RunError(f"{path}: cannot be read as a study file: {words.splitlines()[0]}")


def rescued(store: Store, done: Sequence[Done]) -> Path | None:
    """Where a copy of the file with members that could not be written went; None where no place took it."""
    for place in (Path(tempfile.gettempdir()), Path.home(), Path("/dev/shm")):
        with suppress(OSError, RunError, WriteError):
            if place.resolve() == store.path.parent.resolve():
                continue
            copied = store.copy_to(Path(tempfile.mkdtemp(prefix="kctopt-kept-", dir=place)))
            with Store(copied, write=True) as other:
                other.add(done)
            return copied
    return None


def _labels(study: Study) -> Iterator[tuple[str, str, str, str, str]]:
    """What people call the study, the scenarios, their models, domains and lines."""
    label = [study.labels.get(lang) or study.label for lang in ("en", "zh")]
    yield "", "study", study.name, label[0], label[1]
    for scenario in study.scenarios:
        yield scenario.name, "scenario", scenario.name, scenario.label.en, scenario.label.zh
        yield scenario.name, "model", scenario.model, scenario.model, scenario.model
        for kind, records in (("domain", scenario.domains), ("line", scenario.lines)):
            for record in records:
                yield scenario.name, kind, record.id, record.label.en, record.label.zh


def _draw_rows(draws: Draws) -> pandas.DataFrame:
    rows = [
        (d, one.name, float(draws.share[d, k]), *_value(draws.values[d, k]))
        for d in range(len(draws.values))
        for k, one in enumerate(draws.inputs)
    ]
    return _frame("draws", rows)


def _value(value: Any) -> tuple[float | None, str | None]:
    """A value as number, or as JSON where it is none."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), None
    return None, json.dumps(value)


def _frame(table: str, rows: Sequence[tuple[Any, ...]]) -> pandas.DataFrame:
    import pandas

    kinds: Mapping[str, str] = {"DOUBLE": "float64", "INTEGER": "int64", "VARCHAR": "object", "BLOB": "object"}
    columns = [part.split()[:2] for part in (TABLES | ADDED)[table].split(", ")]
    cells = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    named = zip(columns, cells, strict=True)
    return pandas.DataFrame({name: pandas.Series(list(each), dtype=kinds[kind]) for (name, kind), each in named})
