"""Threads of our own, in which every run of HiGHS takes place.

HiGHS keeps one scheduler for each thread, made by the first run there. A later run in that thread that asks for
another number of threads does not run at all. So nothing of ours runs in a thread of the user's, where HiGHS may have
run before or may run after, and all runs of ours ask for one thread. Several Highs objects run side by side, since
HiGHS lets go of Python's lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from kctopt.interrupts import deferred
from kctopt.solver.settings import WORK

Found = TypeVar("Found")

LISTENING = 0.05  # seconds between two looks at signals

_here = threading.local()  # `ours` is set in threads of our own


class Pool(ThreadPoolExecutor):
    """Threads of our own, which begin nothing more once the command is asked to end."""

    def __init__(self) -> None:
        super().__init__(min(os.cpu_count() or 1, WORK.threads), "kctopt", initializer=_claim)
        self.ending = False

    def end(self) -> None:
        """Begin nothing more."""
        self.ending = True

    def submit(self, call: Callable[..., Found], /, *given: Any, **named: Any) -> Future[Found]:
        """A call in one of the threads."""

        def unless_ending() -> Found:
            if self.ending:
                raise KeyboardInterrupt
            return call(*given, **named)

        return super().submit(unless_ending)


@contextmanager
def pool() -> Iterator[Pool]:
    """Threads of our own for small programs side by side, as many as there are processors.

    An interrupt is passed on when the programs that run then have ended.
    """
    threads = Pool()
    with deferred(threads.end), threads:
        yield threads


def apart(call: Callable[[], Found], stop: Callable[[], None]) -> Found:
    """What a call returns that is made in a thread of our own, this one if it is ours.

    The main thread hears signals meanwhile: it asks the call to `stop`, waits for its end and passes the interrupt on.
    """
    if getattr(_here, "ours", False):
        return call()
    answers: list[Found] = []
    faults: list[BaseException] = []

    def work() -> None:
        _claim()
        try:
            answers.append(call())
        except BaseException as fault:
            faults.append(fault)

    thread = threading.Thread(target=work, name="kctopt")
    with deferred(stop):
        thread.start()
        while thread.is_alive():
            thread.join(LISTENING)  # some systems hear no signal in a wait without end
    if faults:
        raise faults[0]
    return answers[0]


def _claim() -> None:
    _here.ours = True
