"""`kctopt doctor`: can kctopt work here?"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, common, print_text, progress, spoken
from kctopt.cli.said import message, said
from kctopt.disk import REASONS
from kctopt.extras import optional
from kctopt.language import LANGUAGES, Texts, translate, within

PACKAGES = (
    "highspy", "pyomo", "numpy", "scipy", "qdldl", "pydantic", "PyYAML", "pandas", "duckdb", "click", "rich-click",
)  # fmt: skip
CHINESE = "\u5173\u952e\u6838\u5fc3\u6280\u672f"  # key core technologies
STATES: Texts = {"ok": within("check", "ok"), "note": within("check", "note"), "fail": within("check", "fail")}
NAMES: Texts = {
    "solver": "solver",
    "encoding": "encoding",
    "folder": "folder",
    "tables": "tables",
    "bundled data": "bundled data",
    "processors": "processors",
}


@dataclass(frozen=True)
class Check:
    """One thing looked at."""

    name: str
    state: Literal["ok", "note", "fail"]
    message: str


@click.command(cls=Command)
@common
def doctor(out: OutputOptions) -> None:
    """Check this installation: versions, solver, terminal, folders, bundled data.

    Exits with 1 if something is broken. Its output belongs in every bug report.
    """
    with progress("checking"):
        results = list(checks())
    if out.json:
        told = [said(check.message, out.lang) for check in results]
        listed = [
            {"name": check.name, "state": check.state, "message": text}
            for check, text in zip(results, told, strict=True)
        ]
        out.print_json({"schema_version": 1, "ok": all(check.state != "fail" for check in results), "checks": listed})
    else:
        for check in results:
            print_text(line(check, out.lang))
    if any(check.state == "fail" for check in results):
        raise Exit(1)


def line(check: Check, lang: str) -> str:
    """A check as people read it."""
    from kctopt.terminal import pad

    name = translate(NAMES[check.name], lang) if check.name in NAMES else check.name
    state = translate(STATES[check.state], lang)
    return f"{pad(state, 4)}  {name}{LANGUAGES[lang].colon}{said(check.message, lang)}"


def checks() -> Iterator[Check]:
    """Every check; one that raises counts as failed."""
    yield from _versions()
    steps: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("solver", _solver), ("encoding", _encoding), ("folder", _folder), ("tables", _tables),
        ("bundled data", _bundled), ("processors", _processors),
    )  # fmt: skip
    for name, step in steps:
        try:
            yield step()
        except Exception as error:
            yield Check(name, "fail", f"{type(error).__name__}: {message(error, spoken())}")


def _versions() -> Iterator[Check]:
    yield Check("kctopt", "ok", _version("kctopt") or "run from source")
    yield Check("python", "ok", f"{platform.python_version()}, {platform.platform()}")
    for name in PACKAGES:
        version = _version(name)
        yield Check(name, "ok" if version else "fail", version or f"not installed: pip install {name}")
    for name, extra in optional().items():
        version = _version(name)
        missing = f'not installed: pip install "kctopt[{extra}]"'
        yield Check(name, "ok" if version else "note", f"{version} (kctopt[{extra}])" if version else missing)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _solver() -> Check:
    """The case that HiGHS 1.14 gets wrong."""
    from kctopt.solver.highs import mip_case

    value = mip_case()
    if abs(value - 9) < 1e-4:
        return Check("solver", "ok", "HiGHS solves the case that version 1.14 got wrong (min 2x + 3z is 9)")
    return Check("solver", "fail", f"HiGHS says {value:g} where 9 is right: pip install 'highspy>=1.15'")


def _encoding() -> Check:
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        CHINESE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return Check("encoding", "note", f"{encoding} cannot show Chinese; set PYTHONIOENCODING=utf-8 for --lang zh")
    return Check("encoding", "ok", f"{encoding}, shows {CHINESE}")


def _folder() -> Check:
    place = Path.cwd()
    try:
        with tempfile.TemporaryDirectory(dir=place):
            return Check("folder", "ok", f"{place} can be written")
    except OSError as error:
        reason = REASONS.get(error.errno or 0, (str(error.strerror), ""))[0]
        return Check("folder", "note", f"{place} cannot be written ({reason}); give solve -o FOLDER")


def _tables() -> Check:
    """CSV and Parquet written and read back."""
    import numpy as np

    from kctopt.result import folder
    from kctopt.result.fields import from_rows

    table = from_rows("indices", [("security", "", 2025, False, 100.0, CHINESE), ("loss", "", 2026, True, np.nan, "")])
    with tempfile.TemporaryDirectory() as place:
        folder.write_tables(Path(place), {"indices": table})
        for read in (folder.read_csv, folder.read_parquet):
            back = read(Path(place), "indices")
            if any(not np.array_equal(back[name], table[name], equal_nan=name == "value") for name in table):
                return Check("tables", "fail", "a table does not come back from disk as it was")
    return Check("tables", "ok", "CSV and Parquet come back as written")


def _bundled() -> Check:
    from kctopt.scenario.bundled import bundled_root, bundled_scenarios
    from kctopt.scenario.load import load

    names = bundled_scenarios()
    for name in names:
        load(name)
    if not names:
        return Check("bundled data", "fail", f"no scenario in {bundled_root()}: install kctopt again")
    return Check("bundled data", "ok", f"all load: {', '.join(names)}")


def _processors() -> Check:
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS")
    told = f"usable: {available}, OMP_NUM_THREADS={asked}" if asked else f"usable: {available}"
    return Check("processors", "ok", told)
