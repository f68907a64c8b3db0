"""Executors: dask, MPI and processes of our own give the tables that one process gives, in every digit."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from studies import BUDGET, CONTROLS, drawn, few, run, same, study
from worlds import tiny

import kctopt
from kctopt.errors import MissingExtra, UsageError
from kctopt.scenario.load import dump
from kctopt.study import executors, sweeping
from kctopt.study.executors import Ray, checked_executor, executor_of
from kctopt.study.sweep import Sweep
from kctopt.study.worker import solve_members


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    """The sweep that one process makes."""
    sweep = run(tmp_path_factory.mktemp("alone") / "try.duckdb", draws=few(4))
    assert sweep.counts() == {"optimal": 4}
    return sweep


def test_two_processes_give_the_same_tables(alone: Sweep, tmp_path: Path) -> None:
    two = run(tmp_path / "two.duckdb", draws=few(4), workers=2)
    same(alone, two)
    assert not two.work["worker"].isin(alone.work["worker"]).any()


def test_the_order_of_members_changes_no_digit(alone: Sweep, tmp_path: Path) -> None:
    """What a worker solved before leaves no trace: each member after others, and by itself."""
    from kctopt.study.worker import spec_bytes

    tasks, _ = sweeping.tasks_of(study(), few(4), 1e-4)
    spec = spec_bytes(study().scenarios[0], 1e-4, None)
    there = {row.member: row for row in solve_members(spec, [(t.member, t.overlay) for t in reversed(tasks)]).rows}
    for row in alone.members.itertuples():
        assert (there[row.member].objective, there[row.member].bound) == (row.objective, row.bound)


def test_members_of_several_forms_do_not_disturb_each_other(tmp_path: Path) -> None:
    from dataclasses import replace

    from kctopt.study.records import Distribution

    form = replace(BUDGET, name="form", paths=("kct.form",), way="value", distribution=Distribution("choice", ()))
    rows = [["nested", 1.0], ["ces", 1.1], ["nested", 1.1]]
    one = run(tmp_path / "a.duckdb", study((form, CONTROLS)), drawn((form, CONTROLS), rows))
    two = run(tmp_path / "b.duckdb", study((form, CONTROLS)), drawn((form, CONTROLS), rows[::-1]))
    assert one.counts() == {"optimal": 3}
    assert list(one.draws["form"]) == ["nested", "ces", "nested"]
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
        sweep = run(tmp_path / "dask.duckdb", draws=few(4), name=f"dask://{place}")
    same(alone, sweep)


def mpi(folder: Path, study: str, ranks: int) -> subprocess.CompletedProcess[str]:
    """The command of the page, in a folder."""
    pytest.importorskip("mpi4py")
    mpiexec = Path(sys.executable).with_name("mpiexec")
    if not mpiexec.exists() and shutil.which("mpiexec") is None:
        pytest.skip("no mpiexec")
    command = [mpiexec if mpiexec.exists() else "mpiexec", "-n", ranks, sys.executable, "-m", "mpi4py.futures", "-m",
               "kctopt", "sweep", study, "--executor", "mpi"]  # fmt: skip
    return subprocess.run(list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=120, check=False)


STUDY = """of: tiny.yaml
uncertain:
  - {name: budget, path: budget, scale: {values: [0.9, 0.95, 1.05]}}
  - {name: effort, path: knowledge.effort_elasticity, value: {values: [0.5, 0.45, EFFORT]}}
sample: {method: zip}
"""


def test_ranks_of_mpi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As one process, in every digit; what is wrong ends it with the code that `kctopt sweep` gives."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(dump(tiny()), encoding="utf-8")
    (tmp_path / "try.yaml").write_text(STUDY.replace("EFFORT", "0.4"), encoding="utf-8")
    done = mpi(tmp_path, "try.yaml", 3)
    assert done.returncode == 0, done.stderr
    sweep = Sweep(tmp_path / "studies" / "try.duckdb")
    same(kctopt.sweep("try.yaml", out="one.duckdb"), sweep)
    assert sweep.work["worker"].nunique() == 2
    (tmp_path / "bad.yaml").write_text(STUDY.replace("method", "methud"), encoding="utf-8")
    bad = mpi(tmp_path, "bad.yaml", 1)
    assert bad.returncode == 3, bad.stderr
    assert "did you mean 'method'?" in bad.stderr


@pytest.mark.long
def test_tasks_of_ray(alone: Sweep, tmp_path: Path) -> None:
    pytest.importorskip("ray")  # no part of the development environment: 79 MB
    same(alone, run(tmp_path / "ray.duckdb", draws=few(4), name="ray"))


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


def test_no_scheduler_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "PATIENCE", "0.2s")
    with pytest.raises(UsageError, match="no scheduler answers"), executor_of("dask://127.0.0.1:9"):
        pass
