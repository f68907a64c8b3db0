"""Signals that ask a command to end: SIGTERM and SIGHUP save what there is, as Ctrl-C does.

| signal | exit code |
|---|---|
| SIGINT, the keyboard | 130 |
| SIGTERM, from `kill`, `timeout`, a scheduler or a service | 143 |
| SIGHUP, the terminal is gone | 129 |
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from kctopt.interrupts import SIGNALS

INTERRUPTED = 130  # what a shell says of SIGINT
_heard: list[int] = []  # signals that asked this process to end


@contextmanager
def listening() -> Iterator[None]:
    """While a command runs, signals that ask it to end raise KeyboardInterrupt; those ignored stay ignored."""
    _heard.clear()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = signal.signal(number, _as_keyboard)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _as_keyboard(number: int, _: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt


def exit_code(code: int) -> int:
    """The exit code of a command that ended with `code`: that of the signal that asked it to end, where one did.

    Python ends `python -m kctopt` by SIGINT, whatever the code, where a KeyboardInterrupt has left the last `exec` or
    `eval` of text, such as an import has.
    """
    eval("None")
    return 128 + _heard[0] if _heard else code


def ending() -> bool:
    """Whether a signal has asked the command to end, whatever became of its KeyboardInterrupt."""
    return bool(_heard)


def heed() -> None:
    """Begin nothing more where a signal has asked the command to end."""
    if ending():
        raise KeyboardInterrupt


@contextmanager
def held() -> Iterator[None]:
    """Hold back what asks the command to end until a short piece of work is done, so that a plan found is saved.

    The second time it is not held back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    waiting: list[int] = []

    def wait(number: int, frame: FrameType | None) -> None:
        waiting.append(number)
        if len(waiting) > 1:
            _call(before[number], number, frame)

    for number, handler in before.items():
        if callable(handler):
            signal.signal(number, wait)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # a handler that Python did not set
                signal.signal(number, handler)
    if waiting:
        _call(before[waiting[0]], waiting[0], None)


def _call(handler: object, number: int, frame: FrameType | None) -> None:
    if callable(handler):
        handler(number, frame)
