"""The pages on scenario files and results, run block by block in one folder each.

A yaml block is written to the file its first line names. Each command of a console block is run; the lines under it
must appear in its output in order, … standing for anything. A python block is executed; names live on through the page.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kctopt.cli import main

PAGES = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("page", ["scenario-files.md", "results.md"])
def test_page(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for kind, text in BLOCK.findall((PAGES / page).read_text(encoding="utf-8")):
        match kind:
            case "yaml":
                name = re.match(r"# file: (\S+)\n", text)
                assert name, "a yaml block starts with the name of its file"
                Path(name[1]).write_text(text, encoding="utf-8")
            case "console":
                run_console(text)
            case "python":
                exec(compile(text, page, "exec"), names)


def run_console(text: str) -> None:
    for session in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *expected = session.splitlines()
        program, *arguments = shlex.split(command)
        assert program == "kctopt"
        done = CliRunner().invoke(main, arguments, prog_name="kctopt")
        pattern = ".*?".join(".*?".join(map(re.escape, line.strip().split("…"))) for line in expected if line.strip())
        assert re.search(pattern, done.output, re.DOTALL), f"$ {command}\n{done.output}"
