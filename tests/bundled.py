"""Bundled scenarios, each question about them put to the engine once for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from kctopt import api
from kctopt.api import Question, run_engine
from kctopt.scenario.load import load
from kctopt.scenario.records import Scenario
from kctopt.solver import Outcome

_answers: dict[tuple[str, float, float | None], Outcome] = {}


@cache
def scenario(name: str) -> Scenario:
    return load(name).scenario


def solved(name: str, gap: float = 1e-4) -> Outcome:
    """The answer to a bundled scenario as it is."""
    return engine(Question(scenario(name)), gap, None)


def engine(question: Question, gap: float, time_limit: float | None) -> Outcome:
    """The engine, or its answer to the same question; programs that somebody built are always solved."""
    if question.program is not None:
        return run_engine(question, gap, time_limit)
    key = (question.scenario.model_dump_json(), gap, time_limit)
    if key not in _answers:
        _answers[key] = run_engine(question, gap, time_limit)
    return _answers[key]


@contextmanager
def asked_once() -> Iterator[None]:
    """Commands and `kctopt.solve` ask `engine`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "run_engine", engine)
        yield


def only_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor reads one scenario; test_cli_process.py lets it read all that are bundled."""
    monkeypatch.setattr("kctopt.scenario.bundled.bundled_scenarios", lambda: ("baseline",))
