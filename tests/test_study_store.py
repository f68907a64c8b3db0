"""The study's file: what is there stays, nothing is there twice, whatever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest
from studies import few, study
from test_study_executors import run, same

from kctopt.errors import RunError, UsageError, WriteError
from kctopt.study import store as stores
from kctopt.study import sweep as sweeping
from kctopt.study.store import Store
from kctopt.study.sweep import Sweep
from kctopt.study.worker import Done, Row

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    return run(tmp_path_factory.mktemp("whole") / "try.duckdb", draws=few(12))


def started(script: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own, in a group of its own, that runs a script beside these tests."""
    head = f"import sys; sys.path.insert(0, {str(HERE)!r})\nfrom pathlib import Path\n"
    body = head + "from studies import few, study\nfrom test_study_executors import run\n" + textwrap.dedent(script)
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
    run(path, draws=few(5))
    asked: list[str] = []
    solved = sweeping.solve_members

    def counted(spec: bytes, tasks):
        asked.extend(member for member, _ in tasks)
        return solved(spec, tasks)

    monkeypatch.setattr(sweeping, "solve_members", counted)
    longer = run(path, draws=few(12))
    assert len(asked) == len(set(asked)) == 7
    same(whole, longer)
    again = run(path, draws=few(12))
    assert len(asked) == 7
    same(whole, again)


def test_two_draws_of_the_same_values_are_one_member(tmp_path: Path) -> None:
    from studies import BUDGET, drawn

    twice = run(tmp_path / "twice.duckdb", study((BUDGET,)), drawn((BUDGET,), [[1.0], [1.0]]))
    assert len(twice.members) == 2
    assert len(twice.work.drop_duplicates("seconds")) == 1
    assert twice.members["member"].nunique() == 1


def test_members_that_fail_are_rows_with_their_reason(tmp_path: Path) -> None:
    from studies import EFFORT, drawn

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
    from studies import BUDGET, drawn
    from worlds import tiny

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
    assert run(path).counts() == {"optimal": 6}  # the lock goes with the process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_was_written_stays_when_the_parent_ends(whole: Sweep, tmp_path: Path, number: int) -> None:
    """Members are slowed down, so that the sweep is caught half way."""
    path = tmp_path / "cut.duckdb"
    process = started(
        """
        import time
        from kctopt.study import sweep
        solved = sweep.solve_members
        def slowly(spec, tasks):
            done = solved(spec, tasks[:1]) if len(tasks) == 1 else solved(spec, tasks)
            time.sleep(0.3)
            return done
        sweep.solve_members, sweep.TASK = slowly, 0.01
        took = sweep.Sweeping._save
        def told(self):
            took(self)
            print("saved", self.tally.done, flush=True)
        sweep.Sweeping._save = told
        end = run(Path(sys.argv[1]), draws=few(12))
        print(end.status, end.exit_code, flush=True)
        """,
        path,
    )
    try:
        assert process.stdout is not None
        while (line := process.stdout.readline()) and int(line.split()[1]) < 3:
            pass
        os.kill(process.pid, number)
        rest, errors = process.communicate(timeout=60)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    half = Sweep(path)
    assert 3 <= len(half.members) < 12, errors
    assert half.members["member"].is_unique
    assert half.status == "incomplete"
    assert half.exit_code == 5
    if number == signal.SIGINT:
        assert rest.splitlines()[-1] == "interrupted 130"
    same(whole, run(path, draws=few(12)))


class TestWorkersThatDie:
    """Processes of our own that are killed while they work: on `KILLER` in the overlay's values."""

    def test_one_that_dies_once_is_tried_again(self, whole: Sweep, tmp_path: Path) -> None:
        process = started(
            """
            import os, signal, threading, time
            from kctopt.study import sweep, executors
            made = []
            spawned = executors.spawned
            def watched(workers, held=None):
                pool = spawned(workers, held)
                made.append(pool)
                return pool
            executors.spawned = watched
            if __name__ == "__main__":
                def kill():
                    while not made or not made[0]._processes:
                        time.sleep(0.05)
                    time.sleep(2.5)
                    os.kill(next(iter(made[0]._processes)), signal.SIGKILL)
                threading.Thread(target=kill, daemon=True).start()
                end = run(Path(sys.argv[1]), draws=few(12), workers=2)
                print(len(made), end.status)
            """,
            tmp_path / "killed.duckdb",
        )
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert out.split()[-1] == "complete"
        same(whole, Sweep(tmp_path / "killed.duckdb"))

    def test_one_that_dies_of_a_member_every_time_is_lost_and_no_other(self, tmp_path: Path) -> None:
        process = started(
            """
            import deadly
            from kctopt.study import sweep
            sweep.solve_members = deadly.solve_members
            if __name__ == "__main__":
                end = run(Path(sys.argv[1]), draws=few(6), workers=2)
                print(end.status, end.exit_code)
            """,
            tmp_path / "lost.duckdb",
        )
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert out.split()[-2:] == ["complete", "5"]
        lost = Sweep(tmp_path / "lost.duckdb")
        assert lost.members["status"].tolist() == ["optimal"] * 3 + ["lost"] + ["optimal"] * 2
        assert "died twice" in lost.members["reason"][3]
        assert "1  lost" in lost.summary()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are POSIX's")
def test_a_full_disk_loses_nothing_that_has_ended(whole: Sweep, tmp_path: Path) -> None:
    """The system refuses to let the file grow: as on a full disk, in a process of its own."""
    path = tmp_path / "full.duckdb"
    process = started(
        """
        import resource, signal
        from kctopt.errors import WriteError
        from kctopt.study import sweep
        sweep.WRITE = 0.0
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        took, count = sweep.Store.add, []
        def add(self, done):
            count.append(1)
            if len(count) == 4:
                size = Path(sys.argv[1]).stat().st_size
                resource.setrlimit(resource.RLIMIT_FSIZE, (1024, resource.RLIM_INFINITY))
            took(self, done)
        def lifted(*args):
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            return rescued(*args)
        rescued, sweep.rescued, sweep.Store.add = sweep.rescued, lifted, add
        try:
            run(Path(sys.argv[1]), draws=few(12))
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
    assert 1 <= len(here.members) < len(there.members) < 12
    Path(kept).unlink()
    same(whole, run(path, draws=few(12)))


def test_where_nothing_takes_it_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self, done) -> None:
        if done:
            raise WriteError("no room")

    monkeypatch.setattr(Store, "add", refuse)
    monkeypatch.setattr(stores, "rescued", lambda *_: None)
    monkeypatch.setattr(sweeping, "rescued", lambda *_: None)
    with pytest.raises(WriteError, match="written nowhere, and will be solved again"):
        run(tmp_path / "x.duckdb")
