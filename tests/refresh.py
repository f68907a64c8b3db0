"""Bring the output on the Markdown pages in step with the code: `python tests/refresh.py README.md docs/results.md`.

Every `$ kctopt ...` of a page runs, in order and in an empty folder. A line of output that still appears takes the
digits and columns that are printed now; one that does not takes the printed line that is most like it. What finds no
such line, and Python blocks that fail, are named, for a hand to mend.

Read the difference before you keep it: sentences around the blocks are not touched, and a figure that changed may make
them wrong.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import shlex
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from test_docs import FENCE, NUMBER, ROOT, RUN, check_yaml, pattern

from kctopt.cli import main

LIKE = 0.75  # least likeness of two lines, their numbers left out
FIGURE = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def refreshed(page: Path) -> str:
    """The text of a page with the output of today."""
    names: dict[str, Any] = {"__name__": "example"}

    def block(match: re.Match[str]) -> str:
        kind, rest, text = match.groups()
        if kind not in RUN or "source=" in rest:
            return match[0]
        if kind == "yaml":
            check_yaml(text)
        elif kind == "python":
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    exec(compile(text, str(page), "exec"), names)
            except Exception:
                print(f"{page.name}: {traceback.format_exc(limit=0).strip()}\n{text}")
        else:
            return f"```{kind}{rest}\n{sessions(page, text)}```"
        return match[0]

    return FENCE.sub(block, page.read_text(encoding="utf-8"))


def sessions(page: Path, text: str) -> str:
    """The commands of a block, each with its output of today."""
    parts = re.split(r"^(?=\$ )", text, flags=re.MULTILINE)
    return "".join(session(page, part) if part.startswith("$ ") else part for part in parts)


def session(page: Path, text: str) -> str:
    command, *shown = text.splitlines(keepends=True)
    _, *arguments = shlex.split(command.removeprefix("$ "))
    output = CliRunner().invoke(main, arguments, prog_name="kctopt").output
    place, lines = 0, []
    for line in shown:
        found = re.compile(pattern(line.strip()), re.DOTALL).search(output, place) if line.strip() else None
        if found:
            place, printed = found.end(), iter(found.groups())
            whole = output[output.rfind("\n", 0, found.start()) + 1 : output.find("\n", found.end() - 1)]
            same = "…" not in line and bare(whole.strip()) == bare(line)
            part = whole.rstrip() if same else cut(line, output, found.start(), found.end())
            lines.append(f"{part}\n" if part else NUMBER.sub(lambda _, printed=printed: next(printed), line))
        elif line.strip():
            lines.append(most_like(page, command, line, output))
        else:
            lines.append(line)
    return command + "".join(lines)


def cut(line: str, output: str, start: int, end: int) -> str:
    """A line with … as it is printed now between two places; nothing where it runs over several lines."""
    place, text = start, line.rstrip()
    for piece in filter(None, map(str.strip, line.split("…"))):
        found = re.compile(pattern(piece)).search(output, place, end)
        if found is None or "\n" in found[0]:
            return ""
        place, text = found.end(), text.replace(piece, found[0], 1)
    before = output[output.rfind("\n", 0, start) + 1 : start]
    return text if before.strip() or text.strip() == "…" else before + text.lstrip()


def most_like(page: Path, command: str, line: str, output: str) -> str:
    """The printed line that is most like a line of the page; the line itself, and a word, where there is none."""
    likeness = [(difflib.SequenceMatcher(None, bare(line), bare(each)).ratio(), each) for each in output.splitlines()]
    ratio, best = max(likeness, default=(0.0, ""))
    if ratio < LIKE or "…" in line:
        print(f"{page.name}: no line like: {line.strip()}\n    of {command.strip()}")
        return line
    indent = line[: len(line) - len(line.lstrip())] or best[: len(best) - len(best.lstrip())]
    return f"{indent}{best.strip()}\n"


def bare(line: str) -> str:
    """A line without its numbers and runs of blanks."""
    return re.sub(r"\s+", " ", FIGURE.sub("#", line.strip()))


if __name__ == "__main__":
    home = Path.cwd()
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as room:
            os.chdir(room)
            text = refreshed(home / name)
            os.chdir(home)
        (ROOT / name).write_text(text, encoding="utf-8")
