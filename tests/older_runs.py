"""Run folders as earlier schemas wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from kctopt.result import folder
from kctopt.result.fields import TABLES
from kctopt.table import write_csv


def band_was_called_stage(run: Path, record: dict[str, Any]) -> None:
    """The table stages of a run as schema 4 wrote it: without `gap_band`, which stands under `stage`."""
    table = folder.read_parquet(run, "stages")
    fields = tuple(field for field in TABLES["stages"] if field.key != "gap_band")
    table["stage"] = table.pop("gap_band")
    write_csv(run / "stages.csv", fields, zip(*(table[field.key].tolist() for field in fields), strict=True))
    with duckdb.connect() as connection:
        folder._write_parquet(connection, run / "stages.parquet", fields, table)
    for kind in ("csv", "parquet"):
        record["tables"]["stages"][f"{kind}_sha256"] = folder.sha256(run / f"stages.{kind}")
