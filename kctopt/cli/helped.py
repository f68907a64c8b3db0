"""Help of commands, and what click writes around errors, in the reader's language."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from functools import cache
from typing import Any

import rich_click as click
from click import Command as AnyCommand
from click.exceptions import NoArgsIsHelpError

from kctopt.cli.output import OutputOptions
from kctopt.cli.said import said

USAGE = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 [参数]..."}


class Told(click.UsageError):
    """An error of click's in Chinese."""


class Formatter(click.RichHelpFormatter):
    """What click writes around help and errors, in a language."""

    lang = "en"

    def speak(self, lang: str) -> None:
        """Write in a language from now on."""
        self.lang = lang
        if lang == "zh":
            self.config = replace(
                self.config, options_panel_title="选项", commands_panel_title="命令", arguments_panel_title="参数",
                default_string="[默认：{}]", required_long_string="[必填]", aborted_text="已中止。",
                errors_panel_title="错误", errors_suggestion="在命令后加 -h 可查看帮助",
            )  # fmt: skip

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        if self.lang == "zh":
            prefix = prefix or "用法："
            for english, words in USAGE.items():
                args = args.replace(english, words)
        super().write_usage(prog, args, prefix)

    def write_error(self, e: click.ClickException) -> None:
        """Write an error in its frame."""
        if isinstance(e, Told):
            self.speak("zh")
        super().write_error(e)


class Context(click.RichContext):
    """A context that writes so."""

    formatter_class = Formatter

    def make_formatter(self, error_mode: bool = False) -> click.RichHelpFormatter:
        """The formatter in the language that was asked for."""
        formatter = super().make_formatter(error_mode)
        if isinstance(formatter, Formatter):
            formatter.speak(OutputOptions.current(self).lang)
        return formatter


class Command(click.RichCommand):
    """A command whose help is told in the reader's language."""

    context_class = Context
    lang = "en"

    def format_help(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """Write the help; in Chinese that of a copy, so that the command stays as it is."""
        lang = OutputOptions.current(ctx).lang
        if lang != self.lang:
            told = copy(ctx)
            told.command = in_words(self, lang)
            told.command.format_help(told, formatter)
        else:
            super().format_help(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help."""
        option = super().get_help_option(ctx)  # type: ignore[arg-type]
        return _option(option) if option is not None and self.lang == "zh" else option

    def get_rich_table_row(self, *args: Any) -> Any:
        """The command in a list; a sentence without blanks is wrapped, not cut."""
        row = super().get_rich_table_row(*args)
        for cell in row[1:]:
            if cell is not None and hasattr(cell, "overflow"):
                cell.overflow = "fold"
        return row


class Group(Command, click.RichGroup):  # type: ignore[misc]
    """A group of such commands."""


def in_words(command: AnyCommand, lang: str) -> AnyCommand:
    """A copy of a command whose help, and that of its options and commands, is in a language; English is its own."""
    told: Any = copy(command)
    told.lang = lang
    if lang == "zh":
        told.help, told.epilog = paragraphs(command.help), paragraphs(command.epilog)
        told.params = [_option(one) if isinstance(one, click.Option) else one for one in command.params]
    if isinstance(command, click.Group):
        told.commands = {name: in_words(one, lang) for name, one in command.commands.items()}
    return told  # type: ignore[no-any-return]


def paragraphs(text: str | None) -> str | None:
    """A help text in Chinese, by paragraphs."""
    if text is None:
        return None
    words = _helps()
    return "\n\n".join(words.get(one, one) for one in plain(text))


def plain(text: str) -> list[str]:
    """Paragraphs of a help text, each in one line."""
    return [" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n")]


def _option(option: click.Option) -> click.Option:
    """A copy of an option whose help is in Chinese, and what stands for its value."""
    from kctopt.cli.help_zh import VALUES

    told = copy(option)
    told.help = paragraphs(option.help)
    named = option.metavar or option.type.name.upper()
    if not option.is_flag and named in VALUES:
        told.metavar = VALUES[named]
    return told


@cache
def _helps() -> Mapping[str, str]:
    from kctopt.cli.help_zh import HELPS

    return HELPS


def in_language(error: click.ClickException, lang: str) -> click.ClickException:
    """An error of click's in a language: the same usage and exit code, other words."""
    if lang == "en" or isinstance(error, NoArgsIsHelpError):
        return error
    told = Told(said(error.format_message(), lang), ctx=getattr(error, "ctx", None))
    told.exit_code = error.exit_code  # type: ignore[misc]
    return told
