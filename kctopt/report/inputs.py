"""Names of settings for the readers of a view: labels and meanings in their language, no keys."""

from __future__ import annotations

from collections.abc import Iterable

from kctopt.report.view import View
from kctopt.result import named


def input_name(view: View, path: str) -> str:
    """A setting in words; the years of a series are left out."""
    return named.input_name(view.scenario, view.lang, path)


def group_name(view: View, group: str, paths: Iterable[str]) -> str:
    """A group of inputs that changes as one: by the setting in it that differs, where there is one only."""
    return named.group_name(view.scenario, view.lang, group, paths)


def inside(view: View, path: str, group: str) -> bool:
    """Whether a setting belongs to a group of inputs that changes as one."""
    return named.inside(view.scenario, path, group)


def short(text: str) -> str:
    """A meaning without what is said in brackets behind it."""
    return named.short(text)
