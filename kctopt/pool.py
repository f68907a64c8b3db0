"""Work shared out over processes: tasks of one kind on one object that each process holds.

With one worker everything runs in the calling process. Processes are started anew (spawned, not forked: HiGHS has
threads), so a script that asks for more than one must keep what it does under `if __name__ == "__main__":`.

| what may happen | what follows |
|---|---|
| a task raises | its error is raised where results are read; tasks that wait are dropped |
| an interrupt, or an error of the caller's | processes are ended at once, whatever they are at |
| a process dies | SolverError says so, instead of waiting for ever |

Results come with their keys, in the order in which they are ready; who needs another order keeps them by key.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from contextvars import Context
from typing import Any, Self

from kctopt.errors import SolverError

_held: Any = None  # what the tasks of this process work on


class WorkerPool:
    """Processes that hold one object; `work(held, task)` is done for each task, in any order."""

    def __init__(self, held: Any, workers: int) -> None:
        self.held, self.workers = held, workers
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        if self.workers > 1:
            self._pool = spawned(self.workers, self.held)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._pool is None:
            return
        end(self._pool, at_once=kind is not None)

    def each(self, work: Callable[[Any, Any], Any], tasks: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Key and result of every task, as they come. Raises what a task raises; SolverError where a process died."""
        if self._pool is None:
            yield from ((key, work(self.held, task)) for key, task in tasks.items())
            return
        try:
            keys: dict[Future[Any], str] = {self._pool.submit(_do, work, task): key for key, task in tasks.items()}
            for future in as_completed(keys):
                yield keys[future], future.result()
        except BrokenProcessPool as error:
            raise SolverError(
                f"one of {self.workers} worker processes ended before its work was done: it had too little memory, was "
                "killed, or the script that asks for workers does not keep its main part under "
                '`if __name__ == "__main__":`'
            ) from error


class Inline(Executor):
    """An executor without processes: what is submitted is done before the call returns."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a call that has been made, heard by nobody who listens here; an interrupt is raised at once."""
        future: Future[Any] = Future()
        try:
            future.set_result(Context().run(function, *args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def spawned(workers: int, held: Any = None) -> ProcessPoolExecutor:
    """Processes started anew, which leave the keyboard to the one that asked; `held` is what `WorkerPool` works on."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _hold, (held,))


def end(pool: Executor, *, at_once: bool) -> None:
    """Shut an executor down: wait for what runs, or end processes of our own whatever they are at."""
    processes = list((getattr(pool, "_processes", None) or {}).values()) if at_once else []
    pool.shutdown(wait=not at_once, cancel_futures=True)
    for process in processes:  # the executor has no public way to end them
        process.terminate()


def _hold(held: Any) -> None:
    """In a new process: keep the object; the keyboard stops the process that asked."""
    global _held
    _held = held
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _do(work: Callable[[Any, Any], Any], task: Any) -> Any:
    return work(_held, task)
