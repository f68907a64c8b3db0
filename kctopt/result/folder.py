"""A run on disk: the files of its folder, which `disk.write_folder` writes whole or not at all, never over another.

| file | content |
|---|---|
| run.json | status, both bounds, versions, hashes, timings |
| scenario.yaml | the resolved scenario; loads without the model it came from |
| own.json | what the user changed in the model, where anything: linear forms, texts, values of the variables they use |
| <table>.csv, <table>.parquet | the tables, twice (CSV is utf-8-sig, for spreadsheets) |
| solver.log | what the solver said |
| datapackage.json | a Frictionless data package: columns, types, units |
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kctopt.cache import json_text
from kctopt.disk import RUNS
from kctopt.errors import nearest
from kctopt.result.fields import TABLES, Columns, blank_column, columns_there, from_text
from kctopt.table import Column, write_csv

RUN_FILE = "run.json"
SCENARIO_FILE = "scenario.yaml"
LOG_FILE = "solver.log"
OWN_FILE = "own.json"
PACKAGE_FILE = "datapackage.json"


def hint(place: Path, known: Iterable[str] = ()) -> str:
    """What may be meant by a place where nothing is: a known name, or a run beside it or in `runs`; else empty.

    >>> hint(Path("baselin"), ["baseline"]), hint(Path("a/b/c"))
    ("did you mean 'baseline'?", '')
    """
    runs = {file.parent for home in (place.parent, RUNS) for file in home.glob(f"*/{RUN_FILE}")}
    names = {name: name for name in known} | {run.name: run.as_posix() for run in sorted(runs)}
    near = nearest(place.name, names)
    return f"did you mean '{names[near]}'?" if near else ""


def write_tables(folder: Path, tables: Mapping[str, Columns]) -> dict[str, dict[str, Any]]:
    """Write every table as CSV and Parquet; returns rows and sha256 by table."""
    import duckdb

    with duckdb.connect() as connection:
        for name, table in tables.items():
            write_csv(folder / f"{name}.csv", TABLES[name], rows_of(name, table))
            _write_parquet(connection, folder / f"{name}.parquet", TABLES[name], table)
    return {
        name: {
            "rows": len(next(iter(table.values()))),
            "csv_sha256": sha256(folder / f"{name}.csv"),
            "parquet_sha256": sha256(folder / f"{name}.parquet"),
        }
        for name, table in tables.items()
    }


def rows_of(name: str, table: Columns) -> Iterator[tuple[Any, ...]]:
    """The rows of table `name`, plain values."""
    return zip(*(table[field.key].tolist() for field in TABLES[name]), strict=True)


_SQL = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}


def _write_parquet(connection: Any, path: Path, fields: tuple[Column, ...], table: Columns) -> None:
    """Parquet by duckdb, which needs no pyarrow; nan and blanks become null."""
    import duckdb

    source = {f"c{number}": table[field.key] for number, field in enumerate(fields)}  # noqa: F841, read by duckdb by name
    parts = [_select(f"c{number}", field) for number, field in enumerate(fields)]
    file = str(path).replace("'", "''")
    try:
        connection.execute(f"COPY (SELECT {', '.join(parts)} FROM source) TO '{file}' (FORMAT parquet)")
    except duckdb.IOException as error:
        full = os.strerror(errno.ENOSPC) in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error).splitlines()[0], str(path)) from error


def _select(column: str, field: Column) -> str:
    value = f"{column}::{_SQL[field.kind]}"
    if field.kind == "number":
        value = f"CASE WHEN isnan({value}) THEN NULL ELSE {value} END"
    elif field.optional:
        value = f"nullif({value}, 0)"
    return f'{value} AS "{field.key}"'


def read_csv(folder: Path, name: str) -> Columns:
    """Table `name` from its CSV file. Raises ValueError when it cannot be read as that table."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if not rows:
        raise ValueError("the file is empty")
    return from_text(name, rows[0], rows[1:])


def read_parquet(folder: Path, name: str) -> Columns:
    """Table `name` from its Parquet file. Raises ValueError when it cannot be read as that table."""
    return read_parquets(folder, [name])[name]


def read_parquets(folder: Path, names: Iterable[str]) -> dict[str, Columns]:
    """Tables from their Parquet files; one connection for all, which takes longer to open than the files to read."""
    import duckdb

    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            return {name: _read_parquet(connection, folder / f"{name}.parquet", name) for name in names}
    except duckdb.Error as error:
        raise ValueError(str(error).splitlines()[0]) from error


def _read_parquet(connection: Any, path: Path, name: str) -> Columns:
    columns = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    rows, there = len(next(iter(columns.values()))), columns_there(name, list(columns))
    return {
        field.key: _filled(field, columns[field.key]) if field in there else blank_column(field, rows)
        for field in TABLES[name]
    }


def _filled(field: Column, values: Any) -> np.ndarray:
    """A column as duckdb returns it (masked where null) in the form of `fields`."""
    match field.kind:
        case "number":
            return np.asarray(np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan))
        case "integer":
            return np.asarray(np.ma.filled(values, 0), dtype=np.int64)
        case "boolean":
            return np.asarray(np.ma.filled(values, False), dtype=np.bool_)
        case _:
            return np.asarray(np.ma.filled(values, ""), dtype=object)


def datapackage(name: str, title: str, rows: Mapping[str, int], versions: Mapping[str, str]) -> dict[str, Any]:
    """The Frictionless descriptor of a run's tables."""
    return {
        "profile": "tabular-data-package",
        "name": _slug(name),
        "title": title,
        "contributors": [{"title": f"kctopt {versions['kctopt']}", "role": "author"}],
        "resources": [_resource(table, TABLES[table], rows[table]) for table in rows],
    }


def _resource(name: str, fields: tuple[Column, ...], rows: int) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "rows": rows,
        "schema": {
            "fields": [
                {"name": field.key, "type": field.kind, "description": field.meaning}
                | ({"unit": field.unit} if field.unit else {})
                for field in fields
            ],
            "missingValues": [""],
        },
    }


def _slug(name: str) -> str:
    """Lower-case letters, digits and -_. only, as Frictionless names demand."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "-" for letter in name)
    return kept.lower().strip("-") or "run"


def sha256(path: Path) -> str:
    """Hash of a file's bytes, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_json(path: Path, value: Any) -> None:
    """JSON with two spaces of indent, letters of every language as they are, no nan."""
    path.write_text(json_text(value), encoding="utf-8")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file. Raises ValueError when the file holds something else."""
    value = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{path.name} does not hold an object")
    return value
