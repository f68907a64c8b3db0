"""Workbooks with variants on a command line: each stands for its base and all of its variants."""

from __future__ import annotations

from collections.abc import Iterable

from click import get_current_context

from kctopt.cli.output import say

_TOLD = "kctopt.told"


def with_variants(sources: Iterable[str]) -> tuple[str, ...]:
    """Sources, behind each workbook its variants. Raises ScenarioErrors with all faults of a workbook that has some."""
    found: list[str] = []
    for source in sources:
        every = [source] if _is_name(source) else all_sound(source)
        if len(every) > 1:
            names = ", ".join(each.rpartition("#")[2] for each in every[1:])
            say(f"{source}: the base and its variants: {names}; {source}#base is the base alone")
        found += every
    return tuple(found)


def all_sound(source: str) -> tuple[str, ...]:
    """A source and its variants; see kctopt.scenario.several."""
    from kctopt.scenario.several import all_sound

    return all_sound(source)


def _is_name(source: str) -> bool:
    from kctopt.scenario.bundled import bundled_scenarios

    return source in bundled_scenarios()


def tell(notes: Iterable[str]) -> None:
    """Notes on the input, each once in a command: variants share those of their base."""
    told = get_current_context().meta.setdefault(_TOLD, set())
    for note in notes:
        if note not in told:
            told.add(note)
            say(note)
