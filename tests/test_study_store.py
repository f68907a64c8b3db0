"""The study's file: what is there stays, nothing is there twice, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import deadly
import pytest
from studies import BUDGET, EFFORT, drawn, few, run, same, study
from worlds import tiny

from kctopt.errors import RunError, UsageError, WriteError
from kctopt.scenario.load import load
from kctopt.simulator import simulate
from kctopt.study import executors, sweeping
from kctopt.study import store as stores
from kctopt.study.members import Members
from kctopt.study.plans import unpacked
from kctopt.study.store import Store
from kctopt.study.sweep import Sweep
from kctopt.study.worker import Done, Row

HERE = Path(__file__).parent
COUNT = 6  # members


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return run(tmp_path_factory.mktemp("whole") / "try.duckdb", draws=few(COUNT))


def started(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own, in a group of its own, that runs a script beside these tests."""
    head = f"import sys; sys.path.insert(0, {str(HERE)!r})\nfrom pathlib import Path\n"
    body = head + "" + textwrap.dedent(script)
    return subprocess.Popen(
        [sys.executable, "-c", body, *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def until(path: Path, size: int = 1, seconds: float = 60.0) -> None:
    """Wait until a file is there and has grown to so many bytes."""
    ends = time.monotonic() + seconds
    while not (path.is_file() and path.stat().st_size >= size):
        assert time.monotonic() < ends, f"{path} has not come"
        time.sleep(0.02)


def test_what_is_there_is_not_solved_again(whole: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "try.duckdb"
    run(path, draws=few(2))
    asked: list[str] = []
    solved = sweeping.solve_members

    def counted(spec: bytes, tasks):
        asked.extend(member for member, _ in tasks)
        return solved(spec, tasks)

    monkeypatch.setattr(sweeping, "solve_members", counted)
    longer = run(path, draws=few(COUNT))
    assert len(asked) == len(set(asked)) == COUNT - 2
    same(whole, longer)
    again = run(path, draws=few(COUNT))
    assert len(asked) == COUNT - 2
    same(whole, again)


def test_the_file_has_what_its_members_need_to_be_simulated_again(whole: Sweep) -> None:
    text = whole.table("scenarios").set_index("scenario")["content"]["tiny"]
    (whole.path.parent / "tiny.yaml").write_text(text, encoding="utf-8")
    scenario = Members(load(whole.path.parent / "tiny.yaml").scenario).scenario(few(COUNT).overlay(1))
    plan = unpacked(whole.table("plans").set_index("draw")["content"][1]).held(scenario)
    assert float(simulate(scenario, plan.money).objective) == pytest.approx(whole.members["objective"][1], rel=1e-12)


def test_two_draws_of_the_same_values_are_one_member(tmp_path: Path) -> None:
    twice = run(tmp_path / "twice.duckdb", study((BUDGET,)), drawn((BUDGET,), [[1.0], [1.0]]))
    assert len(twice.members) == 2
    assert len(twice.work.drop_duplicates("seconds")) == 1
    assert twice.members["member"].nunique() == 1


def test_members_that_fail_are_rows_with_their_reason(tmp_path: Path) -> None:
    mixed = run(tmp_path / "mixed.duckdb", study((EFFORT,)), drawn((EFFORT,), [[0.5], [2.0], [0.45]]))
    assert mixed.members["status"].tolist() == ["optimal", "invalid", "optimal"]
    assert "knowledge.effort_elasticity: is 2; it must be at most 1" in mixed.members["reason"][1]
    assert mixed.exit_code == 0
    assert set(mixed.outcomes["draw"]) == {0, 2}
    assert "1  invalid" in mixed.summary()
    fast = run(tmp_path / "fast.duckdb", study((EFFORT,)), drawn((EFFORT,), [[2.0], [0.5], [0.45]]), fail_fast=True)
    assert (len(fast.members), fast.missing, fast.exit_code) == (1, 2, 3)
    assert "2 members are missing" in fast.summary()


def test_a_member_without_plan_is_infeasible_with_a_reason(tmp_path: Path) -> None:
    ratio = replace(BUDGET, name="ratio", paths=("policies[up].min_ratio",), way="value")
    target = {"id": "up", "kind": "target", "line": "chips-B", "min_ratio": 0.5, "by": 2029}
    asked = study((ratio,), (tiny(policies=(target,)),))
    mixed = run(tmp_path / "t.duckdb", asked, drawn((ratio,), [[0.5], [0.7]]))
    assert mixed.members["status"].tolist() == ["optimal", "infeasible"]
    assert "no plan keeps all rules" in mixed.members["reason"][1]


def test_less_time_is_no_answer_for_more(tmp_path: Path) -> None:
    path = tmp_path / "s.duckdb"
    with Store(path, write=True) as store:
        store.add([Done([Row("a", "limit", time_limit=1.0), Row("b", "optimal"), Row("c", "lost")])])
        assert store.known(1.0) == {"a", "b"}
        assert store.known(2.0) == store.known(None) == {"b"}


def test_a_file_of_another_study_is_refused(whole: Sweep, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds the study 'try', and this one is 'other': name another file with -o"):
        run(whole.path, study(name="other"))
    text = tmp_path / "no.duckdb"
    text.write_text("a text")
    with pytest.raises(RunError, match="cannot be read as a study file"):
        Sweep(text)
    with pytest.raises(RunError, match="there is no such file"):
        Sweep(tmp_path / "none.duckdb")


def test_a_second_process_is_told(tmp_path: Path) -> None:
    path = tmp_path / "held.duckdb"
    other = started(
        """
        import time
        from kctopt.study.store import Store
        with Store(Path(sys.argv[1]), write=True):
            print("held", flush=True)
            time.sleep(60)
        """,
        path,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(RunError, match="another process has it open"):
            run(path)
        with pytest.raises(RunError, match="another process has it open"):
            Sweep(path)
    finally:
        os.killpg(other.pid, signal.SIGKILL)
        other.communicate()
    assert run(path, draws=few(2)).counts() == {"optimal": 2}  # the lock goes with the process


@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.long)])
def test_what_was_written_stays_when_the_parent_ends(whole: Sweep, tmp_path: Path, number: int) -> None:
    """Members are slowed down, so that the sweep is caught half way."""
    path = tmp_path / "cut.duckdb"
    process = started(
        """
        import time
        from studies import few, run
        from kctopt.study import sweeping as sweep
        solved = sweep.solve_members
        def slowly(spec, tasks):
            done = solved(spec, tasks)
            time.sleep(0.6)
            return done
        sweep.solve_members, sweep.TASK = slowly, 0.01
        took = sweep.Sweeping._save
        def told(self):
            took(self)
            print("saved", self.tally.done, flush=True)
        sweep.Sweeping._save = told
        end = run(Path(sys.argv[1]), draws=few(6))
        print(end.status, end.exit_code, flush=True)
        """,
        path,
    )
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and int(line.split()[1]) < 2:
            pass
        os.kill(process.pid, number)
        rest, errors = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    half = Sweep(path)
    assert 2 <= len(half.members) < COUNT, errors
    assert half.members["member"].is_unique
    assert half.status == "incomplete"
    assert half.exit_code == 5
    if number == signal.SIGINT:
        assert rest.splitlines()[-1] == "interrupted 130"
    same(whole, run(path, draws=few(COUNT)))


def test_workers_that_die(whole: Sweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What kills its worker once is solved by another; what does so each time is lost, and nothing else is."""
    pools: list[int] = []
    spawned = executors.spawned

    def watched(workers: int):
        pools.append(workers)
        return spawned(workers)

    monkeypatch.setattr(executors, "spawned", watched)
    monkeypatch.setattr(sweeping, "solve_members", deadly.solve_members)
    monkeypatch.setenv(deadly.MARKS, str(tmp_path))
    lost = run(tmp_path / "lost.duckdb", draws=few(COUNT), workers=2)
    deaths = Counter(path.name.partition("-")[0] for path in tmp_path.glob("0.9*-*"))
    once, always = deaths[f"{deadly.ONCE:g}"], deaths[f"{deadly.ALWAYS:g}"]
    assert once == 1
    assert always in (2, 3), "twice alone, and before if it had begun when the other one fell"
    assert 4 <= len(pools) <= 1 + once + always, "a pool made anew after each death; those of one pool fall together"
    assert lost.members["status"].tolist() == ["optimal", "optimal", "optimal", "lost"] + ["optimal"] * (COUNT - 4)
    assert "died twice" in lost.members["reason"][3]
    assert (str(lost.status), lost.exit_code) == ("complete", 5)
    assert "1  lost" in lost.summary() and "两次终止" in lost.summary("zh")
    monkeypatch.undo()
    same(whole, run(tmp_path / "lost.duckdb", draws=few(COUNT)))  # the next run tries it again


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are POSIX's")
def test_a_full_disk_loses_nothing_that_has_ended(whole: Sweep, tmp_path: Path) -> None:
    """The system refuses to let the file grow: as on a full disk, in a process of its own."""
    path = tmp_path / "full.duckdb"
    process = started(
        """
        import resource, signal
        from studies import few, run
        from kctopt.errors import WriteError
        from kctopt.study import sweeping as sweep
        sweep.WRITE = 0.0
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        took, count = sweep.Store.add, []
        def add(self, done):
            count.append(1)
            if len(count) == 3:
                size = Path(sys.argv[1]).stat().st_size
                resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
            took(self, done)
        def lifted(*args):
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return rescued(*args)
        rescued, sweep.rescued, sweep.Store.add = sweep.rescued, lifted, add
        try:
            run(Path(sys.argv[1]), draws=few(6))
        except WriteError as error:
            print(error.kept)
            print(error)
        """,
        path,
    )
    out, errors = process.communicate(timeout=120)
    kept, message = out.splitlines()[:2]
    assert "cannot be written" in message, errors
    assert "A copy with everything that has ended is kept in" in message
    here, there = Sweep(path), Sweep(Path(kept))
    assert 1 <= len(here.members) < len(there.members) < COUNT
    Path(kept).unlink()
    same(whole, run(path, draws=few(COUNT)))


def test_where_nothing_takes_it_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self, done) -> None:
        if done:
            raise WriteError("no room")

    monkeypatch.setattr(Store, "add", refuse)
    monkeypatch.setattr(stores, "rescued", lambda *_: None)
    monkeypatch.setattr(sweeping, "rescued", lambda *_: None)
    with pytest.raises(WriteError, match="written nowhere, and will be solved again"):
        run(tmp_path / "x.duckdb")
