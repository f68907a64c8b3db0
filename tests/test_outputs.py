"""The comparer of outputs: what differs from run to run is no difference, everything else is one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from benchmarks.outputs import COMMANDS, commands
from benchmarks.outputs_diff import differences
from kctopt.cli import main

SAID = (
    "baseline: optimal, 0.9 s\n"
    "  objective: 1369.9010, kctopt 0.1.0, 2026-01-02T03:04:05+00:00, 12ab34cd56, /srv/a/runs\n"
)


def compared(tmp_path: Path, before: str, after: str, name: str = "said.txt") -> list[str]:
    for folder, text in (("before", before), ("after", after)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(text, encoding="utf-8")
    return list(differences(tmp_path / "before", tmp_path / "after", 1e-4))


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.9 s", "12.5 s"), ("1369.9010", "1369.9500"), ("0.1.0", "0.2.0"), ("03:04:05", "13:14:15"), ("12ab", "98fe"),
     ("/srv/a", "/var/b")],
)  # fmt: skip
def test_what_passes_is_no_difference(old: str, new: str, tmp_path: Path) -> None:
    assert compared(tmp_path, SAID, SAID.replace(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"), [("optimal", "limit"), ("1369.9010", "1370.5010"), ("objective", "worth"), ("  ", "")]
)
def test_what_a_user_would_see_is_a_difference(old: str, new: str, tmp_path: Path) -> None:
    assert len(compared(tmp_path, SAID, SAID.replace(old, new))) == 1


def test_files_that_come_and_go_are_differences(tmp_path: Path) -> None:
    assert compared(tmp_path, "a", "a") == []
    (tmp_path / "before" / "gone.csv").touch()
    (tmp_path / "after" / "new.csv").touch()
    told = list(differences(tmp_path / "before", tmp_path / "after", 1e-4))
    assert told == ["gone.csv: is no longer written", "new.csv: was not written before"]


def test_the_parts_of_a_zip_are_compared(tmp_path: Path) -> None:
    for folder, text in (("before", "one"), ("after", "two")):
        (tmp_path / folder).mkdir()
        with zipfile.ZipFile(tmp_path / folder / "text.docx", "w") as book:
            book.writestr("same.xml", "<a/>")
            book.writestr("sheet.xml", f"<b>{text}</b>")
    (told,) = differences(tmp_path / "before", tmp_path / "after", 1e-4)
    assert told == "text.docx!sheet.xml:\n    - <b>one</b>\n    + <b>two</b>"


def test_every_command_is_collected_in_both_languages() -> None:
    assert sorted(main.list_commands(main.make_context("kctopt", ["--help"], resilient_parsing=True))) == sorted(
        COMMANDS
    )
    lines = list(commands())
    assert len(lines) == len(set(lines))
    for command in COMMANDS:
        for lang in ("en", "zh"):
            assert any(line.startswith(f"{command} ") and line.endswith(f"--lang {lang}") for line in lines), command
