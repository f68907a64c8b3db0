"""What every command shares: `--json`, `--lang`, `--debug`, messages on stderr, progress of long work."""

from __future__ import annotations

import functools
import json
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rich_click as click
from click import get_current_context

from kctopt.cli.said import asked_language, said, shows
from kctopt.language import ENGLISH, LANGUAGES, Texts, percent, suggested, translate
from kctopt.progress import Progress, listening
from kctopt.terminal import folded, width, within_cells

PHASES: Texts = {"search": "search", "proof": "proof"}  # of a solve, as its records name them

_KEY = "kctopt.face"
TYPED = "kctopt.typed"  # arguments as typed, in the context's meta
FEWEST = 40  # cells that a terminal is taken to have at least
_NUMBER = "kctopt.number"  # of the piece of work, in the context's meta
_KEPT = "kctopt.kept"  # folders written that nothing has named yet, in the context's meta


class Number(click.FloatRange):
    """A finite number within a range, nan and inf are none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number, or the usage error that says what is accepted."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            low = "" if self.min is None else f" {'above' if self.min_open else 'from'} {self.min:g}"
            self.fail(f"{value} is not a finite number{low}.", param, ctx)
        return number

    def _describe_range(self) -> str:
        """The range as help shows it; click writes `x<=None` where there is none."""
        return "" if self.min is None and self.max is None else super()._describe_range()


class LanguageChoice(click.Choice[str]):
    """A language, with the one that is probably meant where another word is typed."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The language, or the usage error."""
        meant = "" if value in LANGUAGES else suggested(value)
        if meant:
            self.fail(f"{value!r} is not one of {', '.join(map(repr, LANGUAGES))}. Did you mean {meant!r}?", param, ctx)
        return super().convert(value, param, ctx)


class Place(click.Path):
    """Where to write: a path that is not empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, or the usage error."""
        if isinstance(value, str) and not value.strip():
            self.fail("a file or folder needs a name.", param, ctx)
        return super().convert(value, param, ctx)


@dataclass(frozen=True)
class OutputOptions:
    """How a command talks: JSON or text, language, with tracebacks or without."""

    json: bool = False
    lang: str = "en"  # of what is printed
    debug: bool = False
    written: str = "en"  # language of files, which any program can show

    @staticmethod
    def current(context: click.Context) -> OutputOptions:
        """The output options of the running command; before it starts, one in the language that was typed."""
        options = context.meta.get(_KEY)
        if isinstance(options, OutputOptions):
            return options
        return OutputOptions(lang=printed(asked_language(context.meta.get(TYPED, ()))))

    def print_json(self, value: Any) -> None:
        """Print data as JSON on stdout; letters are escaped where stdout cannot show them."""
        plain = not (getattr(sys.stdout, "encoding", None) or "").lower().startswith("utf")
        click.echo(json.dumps(value, indent=2, ensure_ascii=plain, allow_nan=False))


def common(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the shared options; it gets them as its first argument, OutputOptions."""

    @click.option("--json", "as_json", is_flag=True, help="Print data as JSON.")
    @click.option(
        "--lang", type=LanguageChoice(list(LANGUAGES)), default=ENGLISH, show_default=True, envvar="KCTOPT_LANG",
        help="Language of labels; keys are always English.",
    )  # fmt: skip
    @click.option("--debug", is_flag=True, envvar="KCTOPT_DEBUG", help="Show the traceback of an unexpected error.")
    @functools.wraps(function)
    def run(*args: Any, as_json: bool, lang: str, debug: bool, **options: Any) -> None:
        out = OutputOptions(as_json, lang if as_json else printed(lang), debug, written=lang)
        get_current_context().meta[_KEY] = out
        with within_cells(columns(sys.stdout)):
            function(out, *args, **options)

    return run


holding = click.option(
    "--hold", type=click.Choice(["shares", "amounts"]), default="shares", show_default=True,
    help="Hold plans as shares of each draw's budget, adjusted to be feasible, or as amounts.",
)  # fmt: skip


def printed(lang: str) -> str:
    """The language that stdout shows: the one asked for, or English where it lacks the letters."""
    return lang if shows(sys.stdout, lang) else ENGLISH


def spoken() -> str:
    """Language of what the running command says on stderr."""
    context = get_current_context(silent=True)
    lang = OutputOptions().lang if context is None else OutputOptions.current(context).lang
    return lang if shows(sys.stderr, lang) else ENGLISH


def columns(stream: Any) -> int | None:
    """Cells of a line of a stream: what COLUMNS says, or the terminal; None in a pipe or a file, which take any."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isdecimal() and int(asked):
        return max(FEWEST, int(asked))
    if not stream.isatty():
        return None
    try:
        return max(FEWEST, os.get_terminal_size(stream.fileno()).columns or 80)
    except (OSError, ValueError):
        return 80


def print_text(text: str) -> None:
    """Print text for people, its sentences folded where stdout is a terminal."""
    click.echo(_sentences(text.removesuffix("\n"), sys.stdout))


def _sentences(text: str, stream: Any) -> str:
    """A text whose lines fit a stream; those of tables do already."""
    return folded(text, columns(stream))


def say(text: str) -> None:
    """A message for people, on stderr, in their language."""
    click.echo(_sentences(said(text, spoken()), sys.stderr), err=True)


def kept(place: Path | None) -> None:
    """Remember a folder that was written, so that an interrupt before it is named does not hide it."""
    context = get_current_context(silent=True)
    if context is not None and place is not None:
        context.meta.setdefault(_KEPT, []).append(place)


def named(place: Path | None) -> None:
    """A folder was named to the user."""
    context = get_current_context(silent=True)
    if context is not None and place in context.meta.get(_KEPT, ()):
        context.meta[_KEPT].remove(place)


def answered(out: OutputOptions, data: Callable[[], Any], text: Callable[[str], str], place: Path | None) -> None:
    """Print an answer as JSON or as text, and name the folder that it was saved in."""
    if out.json:
        out.print_json(data())
    else:
        print_text(text(out.lang))
    if place is not None:
        say(f"saved in: {place}")
        named(place)


def name_kept() -> None:
    """Name the folders that were written and not named before an interrupt."""
    for place in get_current_context().meta.pop(_KEPT, ()):
        say(f"saved in: {place}")


@contextmanager
def numbered(number: int, count: int) -> Iterator[None]:
    """Progress in the block says which of several pieces of work it is of: `[2/5]`."""
    meta = get_current_context().meta
    meta[_NUMBER] = f"[{number}/{count}] "
    try:
        yield
    finally:
        del meta[_NUMBER]


@contextmanager
def progress(text: str, after: float = 1.0) -> Iterator[None]:
    """Show `text`, or the step of the work, on stderr while it takes longer than `after` seconds; terminals only.

    It is told in the reader's language on one line that is written anew: of a solve the phase, the best plan, the
    bound and the gap between them, where they are known.
    """
    if not sys.stderr.isatty():
        yield
        return
    lang, context = spoken(), get_current_context(silent=True)
    start = "" if context is None else context.meta.get(_NUMBER, "")
    done, began, shown = threading.Event(), time.monotonic(), [start + said(text, lang)]

    def listen(now: Progress) -> None:
        shown[0] = start + LANGUAGES[lang].clause.join([said(now.task or text, lang), *known(now, lang)])

    def tick() -> None:
        wait = after
        while not done.wait(wait):
            wait = 0.5
            sys.stderr.write(f"\r\x1b[K{cut(shown[0], f' … {time.monotonic() - began:.0f} s', columns(sys.stderr))}")
            sys.stderr.flush()

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        with listening(listen):
            yield
    finally:
        done.set()
        thread.join()
        if time.monotonic() - began > after:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def known(now: Progress, lang: str) -> Iterator[str]:
    """What a record of a solve knows: phase, plan, bound, gap."""
    if now.phase in PHASES:
        yield translate(PHASES[now.phase], lang)
    if now.phase == "step":
        return
    if now.objective is not None:
        yield translate("plan {value}", lang, value=f"{now.objective:.6g}")
    if now.bound is not None:
        yield translate("bound {value}", lang, value=f"{now.bound:.6g}")
    if now.gap is not None:
        yield translate("gap {value}", lang, value=percent(now.gap, lang, ".2g"))


def cut(text: str, end: str, cells: int | None) -> str:
    """A text with its end, the text cut so that both stay on one line."""
    room = (cells or 80) - 1 - width(end)
    while width(text) > room:
        text = text[:-1]
    return text + end
