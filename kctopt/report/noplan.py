"""The chapter of a run without a plan: which rules collide and how much must give, as the solve that ended so found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from kctopt.analysis.saved import all_of
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.view import View


def why(view: View) -> Section:
    """The diagnosis saved with the run; how to get one where none is saved."""
    analyses, changed = all_of(view.result.run_dir)
    found = [one for one in analyses if one.name == "diagnosis"]
    blocks = list(_blocks(str(found[0].about["text"][view.lang]))) if found else []
    blocks = blocks or [Text(view.text("no_diagnosis", name=view.scenario.name))]
    return Section("why", view.text("why"), [*left_out(view, changed), *blocks])


def left_out(view: View, changed: Iterable[str]) -> Iterator[Block]:
    """That analyses saved with the run were changed since, and are not told."""
    yield from (Text(view.text("analysis_changed", place=place), "warning") for place in changed)


def _blocks(text: str) -> Iterator[Block]:
    """Lines that are set in twice become points, the others paragraphs."""
    lines = [line for line in text.splitlines() if line.strip()]
    for deep, group in groupby(lines, key=lambda line: line.startswith(" " * 4)):
        stripped = [line.strip() for line in group]
        if deep:
            yield Points(stripped)
        else:
            yield from map(Text, stripped)
