"""The figures a result can be drawn as, by name, and their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kctopt.errors import UsageError, suggest
from kctopt.report import figures, ranges
from kctopt.report.draw import FORMATS, Format, drawn
from kctopt.report.view import View

FIGURES = ("allocation", "heat", "flows", "gaps", "security")
RANGES = "ranges"  # where an analysis of that name is saved with the run


def chart(view: View, name: str) -> Any:
    """The Altair chart of a figure, without a title. Raises UsageError for a name that is none and without a plan."""
    known = (*FIGURES, RANGES)
    if name not in known:
        raise UsageError(f"figure {name!r} is unknown; {suggest(name, known)}")
    _drawable(view)
    if name == RANGES:
        return _ranges(view)
    return getattr(figures, name)(view)


def of(view: View) -> tuple[str, ...]:
    """Names of the figures that can be drawn of a run: all of FIGURES, and its ranges where they are saved."""
    return FIGURES if ranges.saved(view) is None else (*FIGURES, RANGES)


def _ranges(view: View) -> Any:
    """The range bars. Raises UsageError where no ranges are saved, with the command that works them out."""
    analysis, run = ranges.saved(view), view.result.run_dir
    if analysis is None:
        name = run or "RUN"
        raise UsageError(f"{view.scenario.name} has no ranges saved; `kctopt explain ranges {name}` works them out")
    return ranges.bars(view, analysis)


def _drawable(view: View) -> None:
    if not view.result.has_plan:
        raise UsageError(f"{view.scenario.name} has no plan to draw (status {view.result.status})")


def dumbbell(view: View, other: View) -> Any:
    """The chart of two runs side by side. Raises UsageError where one has no plan or they plan other years."""
    for each in (view, other):
        _drawable(each)
    if view.years != other.years:
        raise UsageError(f"{view.title} and {other.title} plan other years; their money is not drawn side by side")
    return figures.dumbbell(view, other)


def title_of(view: View, name: str) -> str:
    """Title of a figure; that of the gaps says what its bands are where they are not those of the plan."""
    switching = name == "gaps" and view.scenario.stages == "switching"
    return view.text(f"{name}_title") + (view.text("bands_note") if switching else "")


def titled(view: View, name: str) -> Any:
    """The chart with its title and the scenario's label above it, to stand alone."""
    title = {"text": title_of(view, name), "subtitle": view.title}
    return chart(view, name).properties(title=title)


def files(view: View, formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of a file for each figure and format."""
    for name in of(view):
        whole = titled(view, name)
        for format in formats:
            yield f"{name}.{format}", drawn(whole, checked(format))


def checked(format: str) -> Format:
    """`format` if figures can be drawn in it. Raises UsageError if not."""
    for known in FORMATS:
        if format == known:
            return known
    raise UsageError(f"figures cannot be drawn as {format!r}; {suggest(format, FORMATS)}")
