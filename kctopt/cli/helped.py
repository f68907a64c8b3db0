"""Help of commands, and what click writes around errors, in the reader's language."""

from __future__ import annotations

import inspect
from copy import copy
from dataclasses import replace
from typing import Any

import rich_click as click
from click import Command as AnyCommand
from click.exceptions import NoArgsIsHelpError

from kctopt.cli.output import OutputOptions
from kctopt.cli.said import said
from kctopt.language import ENGLISH, entries, translate

USAGE = ("[OPTIONS]", "COMMAND [ARGS]...")  # what click writes


class Told(click.UsageError):
    """An error of click's in a language."""

    lang = ENGLISH


class Formatter(click.RichHelpFormatter):
    """What click writes around help and errors, in a language."""

    lang = ENGLISH

    def speak(self, lang: str) -> None:
        """Write in a language from now on."""
        self.lang = lang
        if lang != ENGLISH:
            self.config = replace(
                self.config,
                options_panel_title=translate("Options", lang),
                commands_panel_title=translate("Commands", lang),
                arguments_panel_title=translate("Arguments", lang),
                default_string=translate("[default: {}]", lang),
                required_long_string=translate("[required]", lang),
                aborted_text=translate("Aborted.", lang),
                errors_panel_title=translate("Error", lang),
                errors_suggestion=translate("Try -h behind the command for help", lang),
            )

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is called."""
        if self.lang != ENGLISH:
            prefix = prefix or translate("Usage:", self.lang)
            known = entries("value", self.lang)
            for english in USAGE:
                args = args.replace(english, known.get(english, english))
        super().write_usage(prog, args, prefix)

    def write_error(self, e: click.ClickException) -> None:
        """Write an error in its frame."""
        if isinstance(e, Told):
            self.speak(e.lang)
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
    lang = ENGLISH

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
        return _option(option, self.lang) if option is not None and self.lang != ENGLISH else option

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
    if lang != ENGLISH:
        told.help, told.epilog = paragraphs(command.help, lang), paragraphs(command.epilog, lang)
        told.params = [_option(part, lang) if isinstance(part, click.Option) else part for part in command.params]
    if isinstance(command, click.Group):
        told.commands = {name: in_words(part, lang) for name, part in command.commands.items()}
    return told  # type: ignore[no-any-return]


def paragraphs(text: str | None, lang: str) -> str | None:
    """A help text in a language, by paragraphs."""
    if text is None:
        return None
    known = entries("help", lang)
    return "\n\n".join(known.get(paragraph, paragraph) for paragraph in plain(text))


def plain(text: str) -> list[str]:
    """Paragraphs of a help text, each in one line."""
    return [" ".join(paragraph.split()) for paragraph in inspect.cleandoc(text).split("\n\n")]


def _option(option: click.Option, lang: str) -> click.Option:
    """A copy of an option whose help is in a language, and what stands for its value."""
    told = copy(option)
    told.help = paragraphs(option.help, lang)
    named, known = option.metavar or option.type.name.upper(), entries("value", lang)
    if not option.is_flag and named in known:
        told.metavar = known[named]
    return told


def in_language(error: click.ClickException, lang: str) -> click.ClickException:
    """An error of click's in a language: the same usage and exit code, other words."""
    if lang == ENGLISH or isinstance(error, NoArgsIsHelpError):
        return error
    told = Told(said(error.format_message(), lang), ctx=getattr(error, "ctx", None))
    told.lang = lang
    told.exit_code = error.exit_code  # type: ignore[misc]
    return told
