"""What commands say, in the reader's language: errors of every kind, notes and progress on stderr, words of click."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import NoArgsIsHelpError

from kctopt.errors import ScenarioErrors

if TYPE_CHECKING:
    from kctopt.scenario.told import Words

LANGUAGES = ("en", "zh")


class Told(click.UsageError):
    """An error of click's in Chinese."""


class Formatter(click.RichHelpFormatter):
    """What click writes around an error, in its language."""

    def write_error(self, e: click.ClickException) -> None:
        """Write an error in its frame."""
        if isinstance(e, Told):
            self.config = replace(self.config, errors_panel_title="错误", errors_suggestion="在命令后加 -h 可查看帮助")
        super().write_error(e)


class Context(click.RichContext):
    """A context whose errors are written so."""

    formatter_class = Formatter


def said(text: str, lang: str) -> str:
    """A message, line by line in a language; what has no words in it stays English."""
    if lang == "en":
        return text
    words = _words()
    whole = words.told(text)
    return whole if whole != text else "\n".join(words.told(line) for line in text.splitlines())


def message(error: Exception, lang: str) -> str:
    """What an error says."""
    if not isinstance(error, ScenarioErrors):
        return said(str(error), lang)
    from kctopt.scenario.told import told_faults

    return told_faults(error, lang)


def asked_language(typed: Sequence[str]) -> str:
    """The language that a command line asks for, before it is read: the last --lang, or the environment's."""
    found = os.environ.get("KCTOPT_LANG", "")
    for word, after in zip(typed, [*typed[1:], ""], strict=True):
        if word == "--":
            break
        if word == "--lang":
            found = after
        elif word.startswith("--lang="):
            found = word.removeprefix("--lang=")
    return found if found in LANGUAGES else LANGUAGES[0]


def in_language(error: click.ClickException, lang: str) -> click.ClickException:
    """An error of click's in a language: the same usage and exit code, other words."""
    if lang == "en" or isinstance(error, NoArgsIsHelpError):
        return error
    told = Told(said(error.format_message(), lang), ctx=getattr(error, "ctx", None))
    told.exit_code = error.exit_code  # type: ignore[misc]
    return told


@cache
def _words() -> Words:
    from kctopt.cli.said_zh import TEMPLATES
    from kctopt.scenario.faults_zh import TEMPLATES as FAULTS
    from kctopt.scenario.told import Words

    return Words({**FAULTS, **TEMPLATES}, r"(.*?)")
