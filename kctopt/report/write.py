"""Reports to files, one story in as many formats as are asked for."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kctopt.disk import or_kept, ready, whole
from kctopt.errors import UsageError, suggest
from kctopt.extras import need
from kctopt.report.content import Section, Story
from kctopt.report.fonts import warning
from kctopt.report.story import Appendix, story

if TYPE_CHECKING:
    from kctopt.result.result import Result

FORMATS = ("html", "pdf", "docx", "pptx", "xlsx")
OWN_FONT = ("pdf", "docx", "pptx")  # formats set or drawn in our font
DRAWN = {"html", "pdf", "docx", "pptx"}  # formats with figures


def report(
    results: Sequence[Result], target: Path, formats: Sequence[str], lang: str = "en", appendix: Appendix = "changed",
    worlds: Sequence[Section] = (),
) -> list[Path]:  # fmt: skip
    """Write the report of some results; returns the files.

    Parameters
    ----------
    target : path without the suffix of a format; where a file of that name exists, `target-2`, `target-3`, … is taken.
    formats : some of html, pdf, docx, pptx, xlsx.
    lang : en or zh.
    appendix : settings listed with their sources: none, those changed, or all.
    worlds : the chapter on many worlds, where a study is told too.

    Warns of letters that the font of PDF and of pictures in Word lacks.
    Raises UsageError for an unknown format, MissingExtra where a package of the extra `report` is not installed.
    """
    prepare(results, formats, target)
    told = tell(results, lang, formats, appendix, worlds)
    if set(formats) & set(OWN_FONT):
        lacking = warning(told.placed(), lang)
        if lacking:
            warnings.warn(lacking, stacklevel=3)
    return files(told, results, target, formats)


def files(told: Story, results: Sequence[Result], target: Path, formats: Sequence[str]) -> list[Path]:
    """Write a story that was told of `results` (of none, where it is of a study alone), as `report` does."""
    contents = {end: made for format in dict.fromkeys(formats) for end, made in _contents(told, results, format)}
    stem = _free(target, list(contents))
    return [_written(stem.with_name(stem.name + end), content) for end, content in contents.items()]


def prepare(results: Sequence[Result], formats: Sequence[str], target: Path) -> None:
    """Before a story is told: the formats are known, their packages there, and files of this name can be written.

    `results` are those of the story; none where it is of a study alone.

    Raises UsageError, MissingExtra, WriteError.
    """
    for format in formats:
        if format not in FORMATS:
            raise UsageError(f"reports cannot be written as {format!r}; {suggest(format, FORMATS)}")
    several = len(results) > 1 and "xlsx" in formats
    drawn = (several or DRAWN.intersection(formats)) and (not results or any(result.has_plan for result in results))
    need([*(["figures"] if drawn else []), *(f"report {format}" for format in formats)])
    longest = max((f".{format}" for format in formats), key=len, default="")
    ready(target.with_name(target.name + longest), folder=False)


def tell(
    results: Sequence[Result], lang: str, formats: Sequence[str], appendix: Appendix = "changed",
    worlds: Sequence[Section] = (),
) -> Story:  # fmt: skip
    """The story of some results; empty for the workbook of one run alone, which has tables and charts of its own."""
    told = len(results) > 1 or DRAWN.intersection(formats)
    return story(results, lang, appendix, worlds=worlds) if told else Story(lang, "", "", ())


def by_suffix(path: Path, formats: Sequence[str] = ()) -> tuple[Path, list[str]]:
    """A path without the suffix of a format, and the formats: those asked for, else the suffix, else html.

    Raises UsageError when the suffix is a format that was not asked for.
    """
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in FORMATS:
        return path, list(formats) or ["html"]
    if formats and suffix not in formats:
        raise UsageError(f"{path} names a {suffix} file, but {', '.join(formats)} is asked for")
    return path.with_suffix(""), list(formats) or [suffix]


def _contents(told: Story, results: Sequence[Result], format: str) -> Iterator[tuple[str, bytes]]:
    """End of the name and content of the file of a format."""
    created = results[0].created if results else ""
    match format:
        case "html":
            from kctopt.report import html

            yield ".html", html.page(told).encode()
        case "pdf":
            from kctopt.report import pdf

            yield ".pdf", pdf.content(told, created)
        case "docx":
            from kctopt.report import docx

            yield ".docx", docx.content(told, created)
        case "pptx":
            from kctopt.report import pptx

            yield ".pptx", pptx.content(told, created)
        case "xlsx":
            from kctopt.report import xlsx

            yield ".xlsx", _workbook(results[0], told.lang) if len(results) == 1 else xlsx.content(told)


def _workbook(result: Result, lang: str) -> bytes:
    """The tables of a run with native charts."""
    from kctopt.exchange.workbook import to_excel

    with tempfile.TemporaryDirectory(prefix="kctopt-") as place:
        return to_excel(result, Path(place) / "run.xlsx", lang).read_bytes()


def _free(target: Path, ends: Sequence[str]) -> Path:
    """The first of target, target-2, target-3, … of which no file exists."""
    number, stem = 1, target
    while any(stem.with_name(stem.name + end).exists() for end in ends):
        number += 1
        stem = target.with_name(f"{target.name}-{number}")
    return stem


def _written(path: Path, content: bytes) -> Path:
    """Write a new file, whole or not at all; kept elsewhere where it cannot be."""
    return or_kept(path, lambda at: whole(at, lambda place: place.write_bytes(content), replace=False))
