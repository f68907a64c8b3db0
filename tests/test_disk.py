"""Outputs that cannot be written: told before work as what they are; work that is done is kept; signals save too."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest
from click.testing import CliRunner
from click.testing import Result as Done
from fakes import FakeOutcome, fake_outcome
from worlds import tiny

import kctopt
from kctopt import Result, api, disk
from kctopt.analysis import saved
from kctopt.analysis.saved import Analysis, steps_of
from kctopt.cli import main, signals
from kctopt.comparison.certified import CertifiedValue, Values
from kctopt.disk import or_kept, ready, whole, write_folder, write_text
from kctopt.errors import ScenarioErrors, WriteError
from kctopt.scenario.load import dump
from kctopt.scenario.new_folder import new_study

ROOT = Path(__file__).parents[1]
KEPT = re.compile(r"is kept in (\S+)")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a scenario, a run, and a file where folders are asked for."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("tiny.yaml").write_text(dump(tiny()), encoding="utf-8")
    Result.of(tiny(), fake_outcome(tiny())).save("run")
    Path("file").write_text("mine")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    return Path.cwd()


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what the engine, a stand-in, was asked to solve."""
    names: list[str] = []

    def engine(question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        names.append(question.scenario.name)
        return fake_outcome(question.scenario)

    monkeypatch.setattr("kctopt.api.question.run_engine", engine)
    return names


def run(*arguments: str) -> Done:
    return CliRunner().invoke(main, list(arguments), prog_name="kctopt")


def full(monkeypatch: pytest.MonkeyPatch, folder: Path, *, after: int) -> None:
    """Let the disk that holds `folder` be full after so many files or folders made there."""
    real_folder, real_file, made = disk.tempfile.mkdtemp, disk.tempfile.TemporaryDirectory, [0]

    def refuse(dir: object) -> None:
        if dir is not None and Path(str(dir)).resolve().is_relative_to(folder.resolve()):
            made[0] += 1
            if made[0] > after:
                raise FULL

    def mkdtemp(*args: object, **options: object) -> str:
        refuse(options.get("dir"))
        return real_folder(*args, **options)  # type: ignore[call-overload,no-any-return]

    def directory(*args: object, **options: object) -> object:
        refuse(options.get("dir"))
        return real_file(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(disk.tempfile, "mkdtemp", mkdtemp)
    monkeypatch.setattr(disk.tempfile, "TemporaryDirectory", directory)


BELOW_A_FILE = [
    ["solve", "tiny.yaml", "-o", "file/runs"],
    ["compare", "run", "tiny.yaml", "-o", "file/compared.html"],
    ["compare", "run", "tiny.yaml", "--format", "csv", "-o", "file/tables"],
    ["diagnose", "tiny.yaml", "-o", "file/why"],
    ["report", "run", "-o", "file/report.html"],
    ["export", "run", "--to", "datapackage", "-o", "file/export"],
    ["new", "file/study"],
    ["new", "file/study.xlsx"],
]


@pytest.mark.parametrize("arguments", BELOW_A_FILE, ids=lambda arguments: f"{arguments[0]} {arguments[-1]}")
def test_an_output_below_a_file_is_told_before_work(
    arguments: list[str], place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "diagnose", lambda *_, **__: solved.append("diagnosed"))
    done = run(*arguments)
    assert done.exit_code == 3, done.output
    assert (done.stdout, solved) == ("", [])
    assert "cannot be written: file is a file, not a folder; name another place" in done.stderr
    assert "fault of kctopt" not in done.stderr
    assert sorted(one.name for one in place.iterdir()) == ["file", "run", "tiny.yaml"]


@pytest.mark.parametrize("arguments", BELOW_A_FILE, ids=lambda arguments: f"{arguments[0]} {arguments[-1]}")
def test_a_full_disk_is_told_before_work(
    arguments: list[str], place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "diagnose", lambda *_, **__: solved.append("diagnosed"))
    full(monkeypatch, place, after=0)
    done = run(*[one.replace("file/", "new/") for one in arguments])
    assert done.exit_code == 3, done.output
    assert (done.stdout, solved) == ("", [])
    assert "cannot be written: the disk is full; make room, or name another place" in done.stderr
    assert not [one for one in place.glob("new/**/*") if one.is_file()]


def test_in_a_batch_and_in_python_too(place: Path, solved: list[str]) -> None:
    done = run("solve", "tiny.yaml", "baseline", "-o", "file/runs", "--json")
    assert done.exit_code == 7
    assert [one["error"]["kind"] for one in json.loads(done.stdout)] == ["WriteError", "WriteError"]
    with pytest.raises(WriteError, match="file is a file, not a folder"):
        kctopt.solve("tiny.yaml", save="file/run")
    assert solved == []


def test_a_run_that_cannot_be_saved_after_all_is_kept_and_told(
    place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full(monkeypatch, place, after=1)  # the test of the place is the first
    done = run("solve", "tiny.yaml", "--json")
    assert done.exit_code == 3
    kept = Path(KEPT.search(done.stderr)[1])  # type: ignore[index]
    assert json.loads(done.stdout)["run_dir"] == str(kept)
    assert kept.name == "tiny"
    assert kept.is_relative_to(place.parent / "temporary")
    assert kctopt.verify(kept) == []
    assert "runs/tiny: cannot be written: the disk is full" in done.stderr.replace("\\", "/")
    with pytest.raises(WriteError, match="is kept in") as error:
        kctopt.open(kept).save("again")
    assert error.value.kept is not None and kctopt.verify(error.value.kept) == []


def test_where_no_place_is_left_the_plan_is_told_at_least(
    place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full(monkeypatch, Path("/"), after=1)
    done = run("solve", "tiny.yaml", "--json")
    assert done.exit_code == 3
    record = json.loads(done.stdout)
    assert record["run_dir"] is None and record["objective"] is not None
    assert "No other place took what was worked out" in done.stderr


def test_a_table_that_does_not_fit_is_a_full_disk_too(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import duckdb

    result = Result.of(tiny(), fake_outcome(tiny()))

    class Connection:
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None: ...

        def execute(self, *_: object) -> None:
            raise duckdb.IOException(f"IO Error: Could not write file: {os.strerror(errno.ENOSPC)}")

    monkeypatch.setattr(duckdb, "connect", lambda **_: Connection())
    with pytest.raises(WriteError, match="the disk is full"):
        result.save("tables")
    assert sorted(one.name for one in place.iterdir()) == ["file", "run", "tiny.yaml"]
    assert list((place.parent / "temporary").iterdir()) == []


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a file system of its own")
def test_on_a_disk_that_is_really_full(tmp_path: Path) -> None:
    script = """
        mount -t tmpfs -o size=1200k none small || exit 99
        dd if=/dev/zero of=small/rest bs=1k count=900 2>/dev/null
        "$0" -m kctopt solve tiny.yaml -o small/runs; echo $? > before
        rm small/rest
        "$0" -m kctopt report run --format html -o small/one.html; echo $? > report
        dd if=/dev/zero of=small/rest bs=1k count=2000 2>/dev/null
        "$0" -m kctopt export run --to excel,iamc,netcdf,datapackage -o small/two; echo $? > export
        mount -o remount,ro small
        "$0" -m kctopt new small/study; echo $? > new
        ls -A small > left
        "$0" -m kctopt show tiny.yaml --origin > /dev/full; echo $? > show
    """
    (tmp_path / "tiny.yaml").write_text(dump(tiny()), encoding="utf-8")
    (tmp_path / "small").mkdir()
    Result.of(tiny(), fake_outcome(tiny())).save(tmp_path / "run")
    done = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, sys.executable], cwd=tmp_path, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode == 99 or "unshare" in done.stderr:
        pytest.skip("may not mount")
    codes = {name: (tmp_path / name).read_text().strip() for name in ("before", "report", "export", "new", "show")}
    assert codes == {"before": "3", "report": "0", "export": "3", "new": "3", "show": "3"}, done.stderr
    assert done.stderr.count("the disk is full") == 3
    assert "the file system can only be read" in done.stderr
    assert "fault of kctopt" not in done.stderr and "Traceback" not in done.stderr
    assert set((tmp_path / "left").read_text().split()) == {"rest", "one.html"}


def analysis(note: str = "") -> Analysis:
    return Analysis("prices", {}, {}, {"note": note})


def test_an_analysis_is_kept_and_the_old_one_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved.save(Path("run"), analysis("old"))
    full(monkeypatch, place, after=0)
    with pytest.raises(WriteError, match="is kept in") as error:
        saved.save(Path("run"), analysis("new"))
    known = saved.find(Path("run"), "prices", {})
    assert known is not None and known.about == {"note": "old"}
    assert error.value.kept is not None and saved.read(error.value.kept).about == {"note": "new"}


def test_explain_looks_before_and_ends_with_3(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worked: list[object] = []

    def prices(*_: object, **__: object) -> Analysis:
        worked.append(1)
        return analysis()

    monkeypatch.setattr("kctopt.analysis.prices.prices", prices)
    monkeypatch.setattr("kctopt.analysis.prices_text.told", lambda *_: "told\n")
    (place / "run" / "explain").write_text("a file")
    done = run("explain", "prices", "run")
    assert (done.exit_code, done.stdout, worked) == (3, "", [])
    assert "explain is a file, not a folder" in done.stderr
    (place / "run" / "explain").unlink()
    full(monkeypatch, place, after=1)
    done = run("explain", "prices", "run")
    assert (done.exit_code, done.stdout, worked) == (3, "told\n", [1])
    assert saved.read(Path(KEPT.search(done.stderr)[1])).name == "prices"  # type: ignore[index]


def test_steps_and_values_that_cannot_be_kept_do_not_end_the_work(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = steps_of(Path("run"), "ranges", {})
    shutil.rmtree("run/explain")
    with pytest.warns(UserWarning, match="steps are no longer kept"):
        steps.put("a", 1)
    steps.put("b", 2)
    assert (steps.get("a"), steps.get("b"), len(steps)) == (1, 2, 2)
    Path("run/explain").write_text("a file")
    with pytest.raises(WriteError, match="not a folder"):
        steps_of(Path("run"), "ranges", {})
    values = Values(place / "file" / "below", 1e-4, None)
    monkeypatch.setattr(values, "_outcome", fake_outcome)
    with pytest.warns(UserWarning, match="values are no longer kept"):
        assert isinstance(values.solved(tiny(), "tiny"), CertifiedValue)


def test_a_comparison_reads_everything_before_it_solves(place: Path, solved: list[str]) -> None:
    Path("bad.yaml").write_text("extends: baseline\nsett: {}\n", encoding="utf-8")
    assert run("compare", "tiny.yaml", "bad.yaml").exit_code == 3
    with pytest.raises(ScenarioErrors, match="did you mean 'set'"):
        kctopt.compare("tiny.yaml", "bad.yaml")
    assert solved == []


def test_a_comparison_is_kept(place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "out").mkdir()
    full(monkeypatch, place / "out", after=1)
    done = run("compare", "run", "run", "-o", "out/compared.md")
    assert done.exit_code == 3
    assert Path(KEPT.search(done.stderr)[1]).read_text(encoding="utf-8").startswith("## ")  # type: ignore[index]


def test_new_writes_all_files_or_none(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, place, after=2)
    with pytest.raises(WriteError, match="disk is full"):
        new_study("study")
    assert list(Path("study").iterdir()) == []


def test_files_are_whole_and_never_take_the_place_of_others(tmp_path: Path) -> None:
    old = write_text(tmp_path / "a.txt", "old")
    with pytest.raises(WriteError, match="something of that name is there already"):
        write_text(old, "new", replace=False)
    assert write_text(old, "new").read_text() == "new"

    def half(made: Path) -> None:
        made.write_text("half")
        raise KeyboardInterrupt

    for work in (lambda: whole(old, half), lambda: whole(tmp_path / "b", half, replace=False)):
        with pytest.raises(KeyboardInterrupt):
            work()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("a.txt", "new")]
    assert old.stat().st_mode & 0o777 == 0o666 & ~disk._umask()


@pytest.mark.parametrize(
    ("target", "reason"),
    [("x" * 255, "too long"), (f"{'x' * 300}/run", "too long"), ("file/run", "file is a file")],
)
def test_a_place_is_tested_and_nothing_is_left(target: str, reason: str, place: Path) -> None:
    before = sorted(place.iterdir())
    with pytest.raises(WriteError, match=reason):
        ready(Path(target))
    for fine in ("new/deep/run", ".", "..", "run"):
        ready(Path(fine))
    with pytest.raises(WriteError, match="a folder of that name is there"):
        ready(Path("run"), folder=False)
    assert sorted(place.iterdir()) == before


def test_files_of_a_run_named_by_dots_stay_in_the_output_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place / "run")
    (place / "run" / "below").mkdir()
    monkeypatch.chdir(place / "run" / "below")
    done = run("export", "..", "--to", "datapackage")
    assert done.exit_code == 0, done.output
    assert Path(done.stdout.strip()) == Path("exports/run/run-datapackage.zip")


def test_what_is_worked_out_goes_to_the_first_place_that_takes_it(place: Path) -> None:
    def write(target: Path) -> Path:
        return write_folder(target, lambda made: (made / "a").write_text("a") and None)

    assert or_kept(Path("new"), write) == Path("new")
    with pytest.raises(WriteError, match="kept in") as error:
        or_kept(Path("file/new"), write)
    assert error.value.kept is not None and (error.value.kept / "a").read_text() == "a"


class Signalled:
    """Stands in for the engine: a signal comes in the middle, and the best plan so far is returned."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, question: api.Question, gap: float, time_limit: float | None) -> FakeOutcome:
        try:
            signal.raise_signal(self.number)
            time.sleep(5)
        except KeyboardInterrupt:
            return fake_outcome(question.scenario, "interrupted")
        raise AssertionError("not heard")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_signals_that_end_a_solve_save_the_best_plan(
    name: str, code: int, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = getattr(signal, name)
    monkeypatch.setattr("kctopt.api.question.run_engine", Signalled(number))
    before = signal.getsignal(number)
    done = run("solve", "tiny.yaml", "--json")
    assert done.exit_code == code, done.output
    record = json.loads(done.stdout)
    assert record["status"] == "interrupted"
    assert kctopt.verify(record["run_dir"]) == []
    assert signal.getsignal(number) is before
    assert run("solve", "tiny.yaml", "tiny.yaml", "--json").exit_code == code
    monkeypatch.setattr(api, "read", lambda *_: signal.raise_signal(number))
    done = run("solve", "tiny.yaml")
    assert (done.exit_code, done.stderr) == (code, "interrupted\n")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_signal_while_a_run_is_saved_waits_until_it_is(
    place: Path, solved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Result.saved

    def slow(self: Result, target: Path) -> Result:
        signal.raise_signal(signal.SIGTERM)
        return real(self, target)

    monkeypatch.setattr(Result, "saved", slow)
    done = run("solve", "tiny.yaml")
    assert done.exit_code == 143
    assert done.stderr == "interrupted\nsaved in: runs/tiny\n"
    assert kctopt.verify(Path("runs/tiny")) == []
    done = run("solve", "tiny.yaml", "tiny.yaml")
    assert done.exit_code == 143
    assert "saved in: runs/tiny-2\n" in done.stderr
    assert not Path("runs/tiny-3").exists()
    with pytest.raises(KeyboardInterrupt), signals.held():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second is not held back")


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_nothing_more_is_solved_for_a_comparison_after_a_signal(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kctopt.api.question.run_engine", Signalled(signal.SIGTERM))
    done = run("compare", "tiny.yaml", "run", "tiny.yaml")
    assert (done.exit_code, done.stdout) == (143, "")
    assert done.stderr == "interrupted\nsaved in: runs/tiny\n"
    assert kctopt.open("runs/tiny").status == "interrupted"
    assert not Path("runs/tiny-2").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
@pytest.mark.parametrize("scenarios", [["tiny.yaml"], ["tiny.yaml", "tiny.yaml"]], ids=["one", "batch"])
def test_a_signal_in_the_diagnosis_of_a_run_leaves_what_is_known(
    scenarios: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = "kctopt.api.question.run_engine"
    monkeypatch.setattr(engine, lambda question, *_: fake_outcome(question.scenario, "infeasible"))
    monkeypatch.setattr("kctopt.analysis.diagnose.diagnose", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr("kctopt.analysis.attainable.attainable", lambda *_, **__: pytest.fail("another solve"))
    done = run("solve", *scenarios)
    assert done.exit_code == 130
    assert "no plan keeps all rules" in done.stderr
    assert "interrupted" in done.stderr
    assert "saved in: runs/tiny\n" in done.stderr
    assert not Path("runs/tiny-2").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_a_signal_that_some_code_swallowed_ends_the_command_all_the_same(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallowing(question: api.Question, *_: object) -> FakeOutcome:
        with suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return fake_outcome(question.scenario)

    monkeypatch.setattr("kctopt.api.question.run_engine", swallowing)
    assert run("compare", "tiny.yaml", "run", "tiny.yaml").exit_code == 130
    assert Path("runs/tiny").is_dir()
    assert not Path("runs/tiny-2").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_the_exit_code_is_that_of_the_signal_also_in_the_middle_of_an_import(tmp_path: Path) -> None:
    (tmp_path / "signalled.py").write_text(
        "import os, signal\n"
        "from kctopt.cli import main\n"
        "from kctopt import api\n"
        "def read(*_):\n"
        "    exec('os.kill(os.getpid(), signal.SIGTERM)')\n"
        "api.read = read\n"
        "main(['solve', 'baseline'], prog_name='kctopt')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "signalled"], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (143, "interrupted\n")
