"""`kctopt compare A.duckdb B.duckdb`: two studies side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from kctopt.cli.output import OutputOptions, print_text, progress, say
from kctopt.disk import or_kept, write_text
from kctopt.errors import UsageError

FORMATS = ("table", "json", "md", "xlsx")


def are_studies(sources: Sequence[str]) -> bool:
    """Whether files of studies are meant; UsageError where only some are, or more than two."""
    kinds = [source.endswith(".duckdb") for source in sources]
    if any(kinds) and not all(kinds):
        raise UsageError("a study's file and a run cannot be compared; name two studies, or runs alone")
    if any(kinds) and len(kinds) != 2:
        raise UsageError(f"{len(kinds)} studies: name two, BASE and OTHER")
    return any(kinds)


def compare_studies(
    out: OutputOptions, sources: Sequence[str], form: str, output: Path | None, refused: Sequence[str]
) -> None:
    """Print or write the comparison of two studies; `refused` are options that only runs have."""
    from kctopt.api import open as open_study
    from kctopt.study.compared_text import compare, text, write_excel

    if refused:
        raise UsageError(f"{refused[0]}: is of runs; studies are compared without it")
    if form not in FORMATS:
        raise UsageError(f"format {form}: two studies are told as {', '.join(FORMATS)}")
    base, other = (open_study(source) for source in sources)
    with progress("comparing"):
        comparison = compare(base, other)
    if form == "xlsx":
        assert output is not None  # asked for before
        say(f"written: {or_kept(output, lambda at: write_excel(comparison, at, out.written))}")
        return
    if form == "json" and output is None:
        out.print_json(comparison.to_dict())
        return
    told = text(comparison, out.lang if output is None else out.written, markdown=form == "md")
    if form == "json":
        told = json.dumps(comparison.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    if output is None:
        print_text(told)
    else:
        say(f"written: {or_kept(output, lambda at: write_text(at, told))}")
