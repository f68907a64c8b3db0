"""The figures a result can be drawn as, by name, and their files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kctopt.errors import UsageError, suggest
from kctopt.report import figures
from kctopt.report.draw import FORMATS, Format, drawn
from kctopt.report.view import View

FIGURES = ("allocation", "heat", "flows", "gaps", "security")


def chart(view: View, name: str) -> Any:
    """The Altair chart of a figure, without a title. Raises UsageError for a name that is none and without a plan."""
    if name not in FIGURES:
        raise UsageError(f"figure {name!r} is unknown; {suggest(name, FIGURES)}")
    _drawable(view)
    return getattr(figures, name)(view)


def _drawable(view: View) -> None:
    if not view.result.has_plan:
        raise UsageError(f"{view.scenario.name} has no plan to draw (status {view.result.status})")


def dumbbell(view: View, other: View) -> Any:
    """The chart of two runs side by side. Raises UsageError where one has no plan."""
    for one in (view, other):
        _drawable(one)
    return figures.dumbbell(view, other)


def titled(view: View, name: str) -> Any:
    """The chart with its title and the scenario's label above it, to stand alone."""
    title = {"text": view.text(f"{name}_title"), "subtitle": view.title}
    return chart(view, name).properties(title=title)


def files(view: View, formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Name and content of a file for each figure and format."""
    for name in FIGURES:
        whole = titled(view, name)
        for format in formats:
            yield f"{name}.{format}", drawn(whole, checked(format))


def checked(format: str) -> Format:
    """`format` if figures can be drawn in it. Raises UsageError if not."""
    for known in FORMATS:
        if format == known:
            return known
    raise UsageError(f"figures cannot be drawn as {format!r}; {suggest(format, FORMATS)}")
