"""Threads of our own, in which every run of HiGHS takes place.

HiGHS keeps one scheduler for each thread, made by the first run there. A later run in that thread that asks for
another number of threads does not run at all. So nothing of ours runs in a thread of the user's, where HiGHS may have
run before or may run after, and all runs of ours ask for one thread. Several Highs objects run side by side, since
HiGHS lets go of Python's lock.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Found = TypeVar("Found")

MOST = 8  # threads of one pool
LISTENING = 0.05  # seconds between two looks at the keyboard

_here = threading.local()  # `ours` is set in threads of our own


def pool() -> ThreadPoolExecutor:
    """Threads of our own for small programs side by side, as many as there are processors."""
    return ThreadPoolExecutor(min(os.cpu_count() or 1, MOST), "kctopt", initializer=_claim)


def apart(call: Callable[[], Found], stop: Callable[[], None]) -> Found:
    """What a call returns that is made in a thread of our own, this one if it is ours.

    The main thread hears the keyboard meanwhile: it asks the call to `stop`, waits for its end and passes the
    interrupt on.
    """
    if getattr(_here, "ours", False):
        return call()
    found: list[Found] = []
    faults: list[BaseException] = []

    def work() -> None:
        _claim()
        try:
            found.append(call())
        except BaseException as fault:
            faults.append(fault)

    thread, heard = threading.Thread(target=work, name="kctopt", daemon=True), False
    thread.start()
    while True:
        try:
            while thread.is_alive():
                thread.join(LISTENING)
            break
        except KeyboardInterrupt:
            heard = True
            stop()
    if heard:
        raise KeyboardInterrupt
    if faults:
        raise faults[0]
    return found[0]


def _claim() -> None:
    _here.ours = True
