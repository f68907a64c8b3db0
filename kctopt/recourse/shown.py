"""A tree as people read it: what it asks, its states with probability, branch, overlay and place."""

from __future__ import annotations

from kctopt.language import LANGUAGES, percent, translate, translate_count
from kctopt.recourse.tree import State, Tree


def short(tree: Tree, lang: str) -> list[str]:
    """What a tree asks and its states, in lines; a state stands under the one it follows.

    Parameters
    ----------
    tree
        As `load_tree` reads it.
    lang
        en or zh.

    Examples
    --------
    >>> from kctopt.recourse.load import load_tree
    >>> short(load_tree("controls-hazard"), "en")[0]
    'controls-hazard: Controls may ease or tighten after 2030'
    """
    colon = LANGUAGES[lang].colon
    lines = [f"{tree.name}{colon}{tree.label}", *([f"  {tree.intent}"] if tree.intent else [])]
    return [*lines, f"  {size(tree, lang)}", "", *_below(tree, "", 1, lang)]


def size(tree: Tree, lang: str) -> str:
    """How many courses of the world, from which years, over which scenario.

    Examples
    --------
    >>> from kctopt.recourse.load import load_tree
    >>> size(load_tree("controls-hazard"), "en")
    '3 courses of the world that part in 2031, over baseline'
    """
    years = LANGUAGES[lang].series(map(str, tree.branches))
    return translate_count(
        "{count} course of the world, from {years} on, over {scenario}",
        "{count} courses of the world that part in {years}, over {scenario}",
        lang, count=len(tree.leaves), years=years, scenario=tree.scenario.name,
    )  # fmt: skip


def _below(tree: Tree, parent: str, depth: int, lang: str) -> list[str]:
    """The states that follow one, each with those that follow it."""
    lines = []
    for state in tree.states:
        if state.parent == parent:
            lines += [f"{'  ' * depth}{line}" for line in _state(state, lang)]
            lines += _below(tree, state.name, depth + 1, lang)
    return lines


def _state(state: State, lang: str) -> list[str]:
    language = LANGUAGES[lang]
    text = translate(
        "{name} {label}, from {year} on, probability {probability}", lang, name=state.name,
        label=language.aside(state.label).strip(), year=state.year, probability=percent(state.probability, lang),
    )  # fmt: skip
    place = f"  # {state.origin}" if state.origin else ""
    return [f"{text}{place}", *(f"  {line}" for line in state.says)]
