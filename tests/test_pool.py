"""Work shared out over processes: results by key, errors as they are, processes that die are told of."""

from __future__ import annotations

import os
import signal

import pytest

from kctopt.errors import SolverError
from kctopt.pool import WorkerPool


def times(held: int, task: int) -> int:
    if task < 0:
        raise ValueError(f"{task} is negative")
    return held * task


def die(held: int, task: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_with_their_keys_and_errors_as_they_are(workers: int) -> None:
    with WorkerPool(3, workers) as pool:
        assert dict(pool.each(times, {"a": 1, "b": 2, "c": 3})) == {"a": 3, "b": 6, "c": 9}
        with pytest.raises(ValueError, match="-1 is negative"):
            list(pool.each(times, {"a": -1}))


def test_a_process_that_dies_is_told_of() -> None:
    with (
        pytest.raises(SolverError, match="one of 2 worker processes ended before its work was done"),
        WorkerPool(3, 2) as pool,
    ):
        list(pool.each(die, {"a": 1}))
