"""Interrupts: threads of HiGHS are waited for, a search passes them on, and nothing that follows is begun."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from test_engine import TARGET
from worlds import tiny

from kctopt import api
from kctopt.interrupts import SIGNALS
from kctopt.program import build
from kctopt.solver import Engine, Outcome, solve
from kctopt.solver.compile import compile_program
from kctopt.solver.feasible import Plans
from kctopt.solver.sequential_lp import SequentialLP
from kctopt.solver.threads import apart, pool

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


class Ended(Exception):
    """What the handler of a user's own raises."""


def own_handler(number: int, _: object) -> None:
    raise Ended(number)


@pytest.fixture(params=["SIGINT", "SIGTERM"])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal; that of the keyboard has Python's handler, the other one that a user set."""
    found = getattr(signal, request.param)
    before = signal.signal(found, signal.default_int_handler if found == signal.SIGINT else own_handler)
    yield found
    signal.signal(found, before)


def send(number: int) -> None:
    """A signal to this process from outside the main thread, which waits; time for it to be heard."""
    os.kill(os.getpid(), number)
    time.sleep(0.1)


@posix
def test_a_thread_of_ours_has_ended_when_an_interrupt_is_passed_on(number: int) -> None:
    stopped, ended = threading.Event(), list[bool]()

    def work() -> None:
        for _ in range(3):
            send(number)
        ended.append(stopped.wait(30))

    handlers = [signal.getsignal(one) for one in SIGNALS]
    with pytest.raises((KeyboardInterrupt, Ended)):
        apart(work, stopped.set)
    assert ended == [True]
    assert [signal.getsignal(one) for one in SIGNALS] == handlers


@posix
def test_a_handler_that_raises_nothing_stops_nothing() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:

        def work() -> str:
            send(signal.SIGTERM)
            return "done"

        assert apart(work, lambda: pytest.fail("stopped")) == "done"
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


@posix
def test_programs_side_by_side_end_and_no_more_begin(number: int) -> None:
    begun, ended = list[int](), list[int]()

    def work(one: int) -> None:
        begun.append(one)
        if one == 0:
            send(number)
        time.sleep(0.1)
        ended.append(one)

    with pytest.raises((KeyboardInterrupt, Ended)), pool() as threads:
        list(threads.map(work, range(200)))
    assert len(begun) < 100
    assert sorted(begun) == sorted(ended)


def test_an_interrupt_ends_the_search_of_a_diagnosis(monkeypatch: pytest.MonkeyPatch) -> None:
    program = build(tiny(policies=[TARGET | {"min_ratio": 5.0}]))
    compiled = compile_program(program)

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(SequentialLP, "_solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Plans(program, compiled).near(np.zeros(len(compiled.cost)), lambda: np.inf)


def test_no_other_year_is_tried_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    solved, real = list[Outcome](), Engine.solve

    def interrupted(self: Engine, *given: Any) -> Outcome:
        outcome = real(self, *given)
        object.__setattr__(outcome, "status", "interrupted")
        solved.append(outcome)
        return outcome

    monkeypatch.setattr(Engine, "solve", interrupted)
    outcome = solve(build(tiny(policies=[TARGET | {"min_ratio": 0.3}], objective__kind="earliest")))
    assert len(solved) == 1
    assert outcome.status == "interrupted"
    assert outcome.objective == solved[0].objective is not None


def test_nothing_else_is_solved_for_a_comparison_after_an_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = list[str]()

    def interrupted(self: Engine, *_: Any) -> Outcome:
        solved.append(self.program.scenario.name)
        return Outcome("interrupted")

    monkeypatch.setattr(Engine, "solve", interrupted)
    with pytest.raises(KeyboardInterrupt):
        api.compare(tiny(), tiny(budget=55.0))
    assert len(solved) == 1
