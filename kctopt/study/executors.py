"""Where members are solved: in this process, in processes of our own, or by an executor of dask, MPI or ray.

| name | what it takes |
|---|---|
| `local` | nothing; with one worker no process is started |
| `dask://HOST:PORT` | a scheduler of dask and its workers, each with kctopt installed |
| `mpi` | `mpiexec -n N python -m mpi4py.futures -m kctopt sweep … --executor mpi`: one rank asks, the others solve |
| `ray` | a cluster that `ray.init()` finds, or one that it starts here |

All are `concurrent.futures.Executor`, of which nothing but `submit` and `shutdown` is used. Any other one serves as
well: give it to `kctopt.sweep`. Results do not depend on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from kctopt.errors import UsageError, suggest
from kctopt.extras import need
from kctopt.pool import Inline, end, spawned

NAMES = ("local", "dask", "mpi", "ray")
PATIENCE = "10s"  # for a scheduler of dask to answer
Maker = Callable[[], Executor]  # another one like it, for where one breaks


def checked_workers(workers: Any) -> int:
    """A number of workers: whole, from 1 on."""
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise UsageError(
            f"workers={workers!r}: needs a whole number from 1 on; this machine has {os.cpu_count()} cores"
        )
    return workers


def checked_executor(name: str) -> str:
    """The name of an executor, or the UsageError that says which there are; asks for its packages."""
    kind, _, place = name.partition("://")
    if kind not in NAMES:
        raise UsageError(f"executor {name!r}: is none; {suggest(kind, NAMES)}")
    if (kind == "dask") != bool(place):
        hint = "write dask://HOST:PORT, the address of its scheduler" if kind == "dask" else f"write {kind} alone"
        raise UsageError(f"executor {name!r}: {hint}")
    if kind != "local":
        need([f"executor {kind}"])
    return name


@contextmanager
def executor_of(name: str, workers: int = 1) -> Iterator[tuple[Executor, Maker | None]]:
    """An executor by its name, and how to make another one where its processes die; ended with the block.

    Parameters
    ----------
    name : str
        `local`, `dask://HOST:PORT`, `mpi` or `ray`.
    workers : int, default 1
        Of `local`; the others have their own.

    Yields
    ------
    tuple of Executor and callable or None
        The second makes the executor anew; None where it mends itself.

    Raises
    ------
    UsageError
        For a name that is none, or a cluster that cannot be reached.
    MissingExtra
        Where its package is not installed.

    Examples
    --------
    >>> from kctopt.study.executors import executor_of
    >>> with executor_of("local") as (executor, _):
    ...     executor.submit(abs, -2).result()
    2
    """
    kind, _, place = checked_executor(name).partition("://")
    match kind:
        case "dask":
            with _dask(place) as executor:
                yield executor, None
        case "mpi":
            from mpi4py.futures import MPIPoolExecutor

            with MPIPoolExecutor() as executor:
                yield executor, None
        case "ray":
            yield Ray(), None
        case _ if workers == 1:
            yield Inline(), None
        case _:
            with _local(workers) as pools:
                yield pools[0], lambda: _another(pools, workers)


def _another(pools: list[Executor], workers: int) -> Executor:
    end(pools[-1], at_once=True)
    pools.append(spawned(workers))
    return pools[-1]


@contextmanager
def _local(workers: int) -> Iterator[list[Executor]]:
    pools: list[Executor] = [spawned(workers)]
    try:
        yield pools
    except BaseException:
        end(pools[-1], at_once=True)
        raise
    end(pools[-1], at_once=False)


@contextmanager
def _dask(place: str) -> Iterator[Executor]:
    from distributed import Client

    try:
        client = Client(f"tcp://{place}", timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"executor dask://{place}: no scheduler answers there ({error}); is it running?") from error
    with client:
        yield client.get_executor(pure=False)


class Ray(Executor):
    """An executor on ray: each call is one of its tasks.

    Examples
    --------
    >>> from kctopt.study.executors import Ray
    >>> Ray.__mro__[1].__name__
    'Executor'
    """

    def __init__(self) -> None:
        import ray

        self._ray = ray
        if not ray.is_initialized():
            ray.init(log_to_driver=False)
        self._call = ray.remote(_call)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of a task."""
        future: Future[Any] = self._call.remote(function, args, kwargs).future()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster."""
        self._ray.shutdown()


def _call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*args, **kwargs)
