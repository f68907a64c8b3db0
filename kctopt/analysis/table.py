"""A table of an analysis: its fields with unit and meaning, and its rows as plain values.

A row is a mapping by field name; None stands for what is not known or does not apply, whatever the type of the field.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.result.fields import Field, to_text

if TYPE_CHECKING:
    import pandas

Row = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Table:
    """Rows under fields; `frame` is the same as a DataFrame."""

    name: str
    fields: tuple[Field, ...]
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, name: str, fields: tuple[Field, ...], rows: Iterable[Row]) -> Table:
        """A table whose rows have exactly the fields; numbers that are nan or infinite become None."""
        names = [field.name for field in fields]
        kept = []
        for row in rows:
            if set(row) != set(names):
                raise ValueError(f"table {name}: a row has {sorted(row)}; its fields are {sorted(names)}")
            kept.append({key: _plain(row[key]) for key in names})
        return cls(name, fields, tuple(kept))

    @cached_property
    def frame(self) -> pandas.DataFrame:
        """The rows as a DataFrame; whole numbers and flags that may be absent are of pandas' nullable types."""
        import pandas

        types: dict[str, Any] = {"string": "str", "number": "float64", "integer": "Int64", "boolean": "boolean"}
        return pandas.DataFrame({
            field.name: pandas.array([row[field.name] for row in self.rows], dtype=types[field.type])
            for field in self.fields
        })  # fmt: skip

    def write_csv(self, path: Path) -> None:
        """UTF-8 with a mark, so that spreadsheets open it; None is a blank cell."""
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file, lineterminator="\r\n")
            writer.writerow([field.name for field in self.fields])
            for row in self.rows:
                writer.writerow(["" if row[f.name] is None else to_text(f, row[f.name]) for f in self.fields])

    def described(self) -> list[dict[str, Any]]:
        """The fields as data."""
        return [asdict(field) for field in self.fields]


def _plain(value: Any) -> Any:
    """A value as JSON takes it: NumPy numbers as Python's, no nan."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value
