"""What long work tells while it runs: records for a callback, lines for `logging`.

    kctopt.solve("switching", progress=lambda now: print(now.seconds, now.objective, now.bound, now.gap))

| logger | level | what it says |
|---|---|---|
| kctopt.solver | INFO | a solve begins, and ends with its status, both bounds and the gap, or was cut off |
| kctopt.solver | DEBUG | each round: its phase, the best plan and the bound so far |
| kctopt.analysis | INFO | each step of an analysis, a diagnosis or a comparison |

A callback is called in the thread that asked, between two pieces of work, never inside one of HiGHS's. It is called no
more once it has raised. StopIteration ends the work as Ctrl-C does: a solve returns the best certified plan with the
status `interrupted`, what needs several solves raises KeyboardInterrupt. Any other exception is raised as it is, and an
engine can be used again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

SOLVER, ANALYSIS = logging.getLogger("kctopt.solver"), logging.getLogger("kctopt.analysis")


@dataclass(frozen=True)
class Progress:
    """What is known at one moment of long work.

    Parameters
    ----------
    phase : str
        `start`, `search`, `proof` or `end` of a solve, `step` of work that takes several.
    task : str
        What an analysis is at, such as ``ends of ranges, 3 of 60``; empty for a solve alone.
    objective : float or None
        Value of the best certified plan so far, NS points, or billion CNY for `min_budget`.
    bound : float or None
        Proven bound so far, in the same unit.
    gap : float or None
        Relative distance of the two.
    seconds : float
        Since the work began that the callback was given to.

    Examples
    --------
    >>> import kctopt
    >>> records = []
    >>> program = kctopt.build("baseline")
    >>> result = kctopt.solve(program, progress=records.append)
    >>> records[0].phase, records[-1].phase
    ('start', 'end')
    >>> records[-1].gap == result.gap
    True
    """

    phase: str
    task: str = ""
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    seconds: float = 0.0


Listener = Callable[[Progress], object]


@dataclass
class _Work:
    """The work that a callback listens to."""

    listener: Listener
    task: str = ""
    started: float = field(default_factory=time.perf_counter)
    over: bool = False  # the listener has raised


_work: ContextVar[_Work | None] = ContextVar("kctopt_progress", default=None)


@contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Records of work in the block go to the listener; without one, to that of the work around it."""
    if listener is None:
        yield
        return
    token = _work.set(_Work(listener))
    try:
        yield
    finally:
        _work.reset(token)


def listened(function: Callable[P, R]) -> Callable[P, R]:
    """A function whose argument `progress` listens to everything that it does."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        with listening(kwargs.get("progress")):  # type: ignore[arg-type]
            return function(*args, **kwargs)

    return call


def step(task: str) -> None:
    """A step of work that takes several begins."""
    ANALYSIS.info(task)
    work = _work.get()
    if work is not None:
        work.task = task
        _tell(work, Progress("step", task, seconds=time.perf_counter() - work.started))


def report(phase: str, objective: float | None = None, bound: float | None = None, gap: float | None = None) -> None:
    """What a solve has by now; a callback that stops it at its end changes nothing any more."""
    work = _work.get()
    if work is None:
        return
    record = Progress(phase, work.task, objective, bound, gap, time.perf_counter() - work.started)
    try:
        _tell(work, record)
    except KeyboardInterrupt:
        if phase != "end":
            raise


def _tell(work: _Work, record: Progress) -> None:
    if work.over:
        return
    try:
        work.listener(record)
    except StopIteration:
        work.over = True
        raise KeyboardInterrupt("the progress callback asked to stop") from None
    except BaseException:
        work.over = True
        raise
