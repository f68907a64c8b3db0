"""Reports to files, one story in as many formats as are asked for."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.errors import UsageError, suggest
from kctopt.report.content import Story
from kctopt.report.story import story

if TYPE_CHECKING:
    from kctopt.result import Result

FORMATS = ("html", "pdf", "docx", "xlsx")


def report(results: Sequence[Result], target: Path, formats: Sequence[str], lang: str = "en") -> list[Path]:
    """Write the report of some results; returns the files.

    Parameters
    ----------
    target : path without the suffix of a format; where a file of that name exists, `target-2`, `target-3`, … is taken.
    formats : some of html, pdf, docx, xlsx.
    lang : en or zh.

    Raises UsageError for an unknown format and for a package of the extra `report` that is not installed.
    """
    for format in formats:
        if format not in FORMATS:
            raise UsageError(f"reports cannot be written as {format!r}; {suggest(format, FORMATS)}")
    told = story(results, lang)
    contents = {end: made for format in dict.fromkeys(formats) for end, made in _contents(told, results, format)}
    target.parent.mkdir(parents=True, exist_ok=True)
    stem = _free(target, list(contents))
    return [_placed(stem.with_name(stem.name + end), content) for end, content in contents.items()]


def by_suffix(path: Path, format: str = "") -> tuple[Path, str]:
    """A path without the suffix of a format, and that format; html where neither is given.

    Raises UsageError when the two disagree.
    """
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in FORMATS:
        return path, format or "html"
    if format not in ("", suffix):
        raise UsageError(f"{path} names a {suffix} file, but {format} is asked for")
    return path.with_suffix(""), suffix


def _contents(told: Story, results: Sequence[Result], format: str) -> Iterator[tuple[str, bytes]]:
    """End of the name and content of each file of a format; Excel has a workbook for each run."""
    match format:
        case "html":
            from kctopt.report import html

            yield ".html", html.page(told).encode()
        case "pdf":
            from kctopt.report import pdf

            yield ".pdf", pdf.content(told, results[0].created)
        case "docx":
            from kctopt.report import docx

            yield ".docx", docx.content(told, results[0].created)
        case "xlsx":
            for number, result in enumerate(results, 1):
                yield (".xlsx" if len(results) == 1 else f"-run{number}.xlsx"), _workbook(result, told.lang)


def _workbook(result: Result, lang: str) -> bytes:
    """The tables of a run with native charts."""
    with tempfile.TemporaryDirectory(prefix="kctopt-") as place:
        return result.to_excel(Path(place) / "run.xlsx", lang).read_bytes()


def _free(target: Path, ends: Sequence[str]) -> Path:
    """The first of target, target-2, target-3, … of which no file exists."""
    number, stem = 1, target
    while any(stem.with_name(stem.name + end).exists() for end in ends):
        number += 1
        stem = target.with_name(f"{target.name}-{number}")
    return stem


def _placed(path: Path, content: bytes) -> Path:
    """Write a whole file beside its place, then move it there."""
    handle, making = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        umask = os.umask(0)
        os.umask(umask)
        Path(making).chmod(0o666 & ~umask)
        Path(making).replace(path)
    except BaseException:
        Path(making).unlink(missing_ok=True)
        raise
    return path
