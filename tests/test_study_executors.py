"""Executors: dask, MPI and processes of our own give the tables that one process gives, in every digit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import Executor, Future
from pathlib import Path

import pandas
import pytest
from studies import BUDGET, CONTROLS, drawn, few, study

from kctopt.errors import MissingExtra, UsageError
from kctopt.study import sweep as sweeping
from kctopt.study.executors import Ray, checked_executor, executor_of
from kctopt.study.records import Draws, Study
from kctopt.study.sweep import Sweep
from kctopt.study.worker import solve_members

TABLES = ("members", "outcomes", "allocation", "draws")
HERE = Path(__file__).parent


def run(
    path: Path, asked: Study | None = None, draws: Draws | None = None, *, executor: Executor | None = None,
    name: str = "local", workers: int = 1, fail_fast: bool = False,
) -> Sweep:  # fmt: skip
    return sweeping.run(
        asked or study(), draws or few(), path, gap=1e-4, time_limit=None, fail_fast=fail_fast, executor=executor,
        name=name, workers=workers,
    )  # fmt: skip


def same(first: Sweep, second: Sweep) -> None:
    """Tables that agree bit by bit; seconds are no part of them."""
    for table in TABLES:
        pandas.testing.assert_frame_equal(getattr(first, table), getattr(second, table), check_exact=True)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The sweep that one process makes."""
    sweep = run(tmp_path_factory.mktemp("alone") / "try.duckdb")
    assert sweep.counts() == {"optimal": 6}
    return sweep


def test_two_processes_give_the_same_tables(alone: Sweep, tmp_path: Path) -> None:
    two = run(tmp_path / "two.duckdb", workers=2)
    same(alone, two)
    assert not two.work["worker"].isin(alone.work["worker"]).any()


def test_the_order_of_members_changes_no_digit(alone: Sweep, tmp_path: Path) -> None:
    """What a worker solved before leaves no trace: each member after others, and by itself."""
    from kctopt.study.worker import spec_bytes

    tasks, _ = sweeping.tasks_of(study(), few(), 1e-4)
    spec = spec_bytes(study().scenarios[0], 1e-4, None)
    there = {row.member: row for row in solve_members(spec, [(t.member, t.overlay) for t in reversed(tasks)]).rows}
    for row in alone.members.itertuples():
        assert (there[row.member].objective, there[row.member].bound) == (row.objective, row.bound)


def test_members_of_several_forms_do_not_disturb_each_other(tmp_path: Path) -> None:
    from dataclasses import replace

    from kctopt.study.records import Distribution

    form = replace(BUDGET, name="form", paths=("kct.form",), way="value", distribution=Distribution("choice", ()))
    rows = [["nested", 1.0], ["ces", 1.1], ["nested", 1.1], ["ces", 0.9]]
    one = run(tmp_path / "a.duckdb", study((form, CONTROLS)), drawn((form, CONTROLS), rows))
    two = run(tmp_path / "b.duckdb", study((form, CONTROLS)), drawn((form, CONTROLS), rows[::-1]))
    assert one.counts() == {"optimal": 4}
    assert list(one.draws["form"]) == ["nested", "ces", "nested", "ces"]
    assert one.members["objective"].tolist() == two.members["objective"].tolist()[::-1]


def test_a_scheduler_of_dask_and_two_workers(alone: Sweep, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1",
            env={"PYTHONWARNINGS": "ignore"}, worker_dashboard_address=None,
        ) as cluster
    ):  # fmt: skip
        place = cluster.scheduler_address.removeprefix("tcp://")
        sweep = run(tmp_path / "dask.duckdb", name=f"dask://{place}")
    same(alone, sweep)


def test_ranks_of_mpi(alone: Sweep, tmp_path: Path) -> None:
    pytest.importorskip("mpi4py")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    if not mpiexec.exists() and shutil.which("mpiexec") is None:
        pytest.skip("no mpiexec")
    script = tmp_path / "mpi.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(HERE)!r})\n"
        "from pathlib import Path\nfrom test_study_executors import run\n"
        'if __name__ == "__main__":\n    run(Path(sys.argv[1]), name="mpi")\n'
    )
    command = [mpiexec if mpiexec.exists() else "mpiexec", "-n", "3", sys.executable, "-m", "mpi4py.futures", script]
    done = subprocess.run(
        [*map(str, command), str(tmp_path / "mpi.duckdb")], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    sweep = Sweep(tmp_path / "mpi.duckdb")
    same(alone, sweep)


@pytest.mark.long
def test_tasks_of_ray(alone: Sweep, tmp_path: Path) -> None:
    pytest.importorskip("ray")  # no part of the development environment: 79 MB
    same(alone, run(tmp_path / "ray.duckdb", name="ray"))


def test_the_adapter_of_ray_calls_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against its interface: `remote`, and the future of what that returns."""
    import types

    class Reference:
        def __init__(self, value):
            self.value = value

        def future(self):
            future: Future = Future()
            future.set_result(self.value)
            return future

    ray = types.SimpleNamespace(
        is_initialized=lambda: True, shutdown=lambda: None,
        remote=lambda call: types.SimpleNamespace(remote=lambda *args: Reference(call(*args))),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "ray", ray)
    with Ray() as executor:
        assert executor.submit(divmod, 7, 2).result() == (3, 1)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("dsk://a:1", "did you mean 'dask'?"), ("dask", "dask://HOST:PORT"), ("mpi://here", "write mpi alone"),
        ("", "known: local, dask, mpi, ray"),
    ],
)  # fmt: skip
def test_names_of_executors(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        checked_executor(name)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r'pip install "kctopt\[ray\]"'):
        checked_executor("ray")


def test_no_scheduler_answers() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no scheduler answers"), executor_of("dask://127.0.0.1:9"):
        pass
