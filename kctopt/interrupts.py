"""Signals that end work by an exception, held back while a piece of work must not be left half done.

Python raises what the handler of a signal raises between any two steps of the main thread. While that thread waits for
another, it would leave it running: `Thread.join` even takes an interrupted wait for the end of the thread. A process
that leaves, or frees what a thread of HiGHS still uses, crashes.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def deferred(stop: Callable[[], None]) -> Iterator[None]:
    """What handlers of signals raise is raised when the block has ended; `stop` asks it to end, at every signal.

    Handlers themselves run at once. Does nothing outside the main thread, where no handler runs.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}
    raised: list[BaseException] = []
    over = False

    def hear(number: int, frame: object) -> None:
        if over:  # a signal came while the handlers were put back
            before[number](number, frame)  # type: ignore[arg-type]
            return
        try:
            before[number](number, frame)  # type: ignore[arg-type]
        except BaseException as error:
            raised.append(error)
            stop()

    try:
        for number in before:
            signal.signal(number, hear)
        yield
    finally:
        over = True
        for number, handler in before.items():
            signal.signal(number, handler)
        if raised:
            raise raised[0]
