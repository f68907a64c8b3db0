"""The Markdown pages: links lead somewhere, examples run, formulas and code are those of the package.

Blocks run in order, each page in a folder of its own. What a block means by its first words:

    yaml                  a scenario that must load; with `# file: NAME` as its first line it is written to that file
    console               each `$ kctopt ...` runs and must end with 0 (or N after `console exit N`); the lines under it
                          must appear in its output in order, … stands for anything, decimals may differ by 5 %
    python                executed; names live on through the page
    python source=FILE    must be found in that file as it is, whatever its indentation
    formula               set as a formula on the site; those of a block are compared with its docstring below
    text shell            commands of the shell without their output; text syntax: a notation, or a formula
    {...}                 a directive of the site

So output stands only under a command that runs, and a figure in it is that of the code as it is: numbers of six digits
or more, such as objectives and bounds, may differ by half a thousandth.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import bundled
import keys
import pytest
import translations
from click.testing import CliRunner

import kctopt
from kctopt import errors, formulation
from kctopt.cli import main

ROOT = Path(__file__).parents[1]
PAGES = [
    path.relative_to(ROOT).as_posix() for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
]
DEAR = (  # whole analyses of whole scenarios
    "docs/backcast.md",
    "docs/comparing.md",
    "docs/embedding.md",
    "docs/excel.md",
    "docs/explaining.md",
    "docs/reporting.md",
    "docs/stochastic.md",
    "docs/studies.md",
    "docs/sweeps.md",
    "docs/worlds-analysis.md",
)
RUN = ("yaml", "console", "python")
BLOCKS = [name for _, name, _ in pkgutil.iter_modules(formulation.__path__)]

FENCE = re.compile(r"^```([\w{}:-]*)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
INDENTED = re.compile(r"(?<=\n\n)(?:    (?![-*] |\d+\. ).*\n)+")
NUMBER = re.compile(r"(?<![\w.])(-?\d+\.\d+)(?![\w.]*\d)")
CLOSE = 0.05  # relative distance of a number on a page to the one that is printed
EXACT = 5e-4  # the same for numbers of many digits
DIGITS = 6  # from which on they are many


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def examples(page: str) -> list[tuple[str, str, str]]:
    return [block for block in FENCE.findall(read(page)) if block[0] in RUN]


def bare(block: tuple[str, str, str]) -> tuple[str, str, str]:
    """A block without the comments of its code."""
    return (*block[:2], re.sub(r"\s+# .*$", "", block[2], flags=re.MULTILINE))


def runs(page: str) -> bool:
    """Whether a page has examples of its own; a translation often has those of its original, which run there."""
    original = page.replace("docs/zh/", "docs/")
    known = [] if original == page else [bare(block) for block in examples(original)]
    return any(bare(block) not in known for block in examples(page))


def anchors(text: str) -> set[str]:
    """Anchors of the headings, as GitHub makes them."""
    bare = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(FENCE.sub("", text))]
    return {heading.strip().replace(" ", "-") for heading in bare}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in LINK.findall(FENCE.sub("", read(page))):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        file, _, anchor = unquote(link).partition("#")
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), f"{link}: no such file"
        assert not anchor or anchor in anchors(target.read_text(encoding="utf-8")), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES)
def test_decimals_have_a_digit_before_the_point(page: str) -> None:
    assert re.findall(r"(?:^|[\s(|<>=/^~-])\.\d.*", read(page), re.MULTILINE) == []


@pytest.mark.parametrize("page", PAGES)
def test_blocks_say_what_they_are(page: str) -> None:
    for kind, _, text in FENCE.findall(read(page)):
        assert kind in {*RUN, "text", "formula"} or kind[:1] == "{", f"no example, so call it text:\n{text}"


def outputs_without_a_run(text: str) -> list[str]:
    """Blocks of a page that may hold output, though nothing runs that makes it."""
    found = []
    for kind, rest, block in FENCE.findall(text):
        first = block.splitlines()[0] if block.strip() else ""
        match kind:
            case "console":
                right = first.startswith("$ kctopt ")
            case "text":
                shell = all(re.match(r"make \w|python -m ", line) for line in block.splitlines())
                right = rest.strip() == "syntax" or (rest.strip() == "shell" and shell)
            case "yaml" | "python":
                right = True  # loaded, executed, or found in its file
            case _:
                right = "kctopt solve" not in block and "kctopt explain" not in block
        found += [] if right else [f"{kind}{rest}: {first}"]
    for block in INDENTED.findall(FENCE.sub("", text)):
        formula = all(re.match(r"    make |    \.ci/|.* (=|>=) ", line) for line in block.splitlines() if line.strip())
        found += [] if formula else [f"indented: {block.strip().splitlines()[0]}"]
    return found + re.findall(r"<pre.*", text)


@pytest.mark.parametrize("page", PAGES)
def test_every_output_is_that_of_a_run(page: str) -> None:
    assert outputs_without_a_run(read(page)) == []


@pytest.mark.parametrize(
    "block",
    [
        "```text\nbaseline: optimal\n```",
        "```text shell\n$ kctopt solve baseline\nobjective: 1369\n```",
        "```console\nobjective: 1369\n$ kctopt solve baseline\n```",
        "```{code-block}\n$ kctopt solve baseline\n```",
        "It says\n\n    objective: 1369.9 (this plan)\n",
        "<pre>objective: 1369</pre>",
    ],
)
def test_an_output_that_no_run_makes_is_found(block: str) -> None:
    assert len(outputs_without_a_run(f"# Page\n\n{block}\n")) == 1


def test_long_figures_must_be_those_of_the_code() -> None:
    check_output("kctopt", ["objective: 1369.8802 (this plan), 31.2 %"], "objective: 1369.8491 (this plan), 31.9 %")
    with pytest.raises(AssertionError):
        check_output("kctopt", ["worth 1381.734"], "worth 1380.398")


def marked(page: str) -> Any:
    """A page as a parameter; `make docs` runs the examples of all, `make test` those of the others."""
    mark = pytest.mark.translated if page.startswith("docs/zh/") else pytest.mark.long if page in DEAR else None
    return pytest.param(page, marks=mark or ())


@pytest.mark.parametrize("page", [marked(page) for page in PAGES if runs(page)])
def test_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kctopt.api.question.run_engine", bundled.engine)  # most pages begin with the baseline
    names: dict[str, Any] = {"__name__": "example"}
    for number, (kind, rest, text) in enumerate(examples(page), 1):
        match kind:
            case "yaml":
                check_yaml(text)
            case "console":
                check_console(text, code=int(rest.split()[1]) if rest.strip() else 0)
            case "python" if "source=" in rest:
                check_source(text, rest.partition("source=")[2])
            case "python":
                exec(compile(text, f"{page}, block {number}", "exec"), names)


def check_yaml(text: str) -> None:
    name = re.match(r"# file: (\S+)\n", text)
    Path(name[1] if name else "example.yaml").write_text(text, encoding="utf-8")
    if name is None:
        kctopt.load("example.yaml")


def check_source(text: str, file: str) -> None:
    lines = text.rstrip().splitlines()
    source = (ROOT / file).read_text(encoding="utf-8").splitlines()
    starts = (n for n, line in enumerate(source) if line.strip() == lines[0])
    found = (textwrap.dedent("\n".join(source[n : n + len(lines)])).rstrip() for n in starts)
    same = list(found)
    assert "\n".join(lines) in same, f"{file} no longer says:\n{text}\nbut:\n" + "\n\n".join(same)


def check_console(text: str, code: int) -> None:
    sessions = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    assert sessions, "no command"
    for session in sessions:
        command, *expected = session.splitlines()
        program, *arguments = shlex.split(command)
        assert program == "kctopt"
        done = CliRunner().invoke(main, arguments, prog_name="kctopt")
        assert done.exit_code == code, f"$ {command}\n{done.output}"
        check_output(command, expected, done.output)


def check_output(command: str, expected: list[str], output: str) -> None:
    """Lines in order; … matches anything, runs of blanks each other, decimal numbers roughly."""
    place = 0
    for line in filter(None, map(str.strip, expected)):
        found = re.compile(pattern(line), re.DOTALL).search(output, place)
        assert found, f"$ {command}\nno line like: {line}\n{output}"
        place = found.end()
        for printed, shown in zip(found.groups(), NUMBER.findall(line), strict=True):
            long = len(re.sub(r"\D", "", shown).lstrip("0")) >= DIGITS
            near = pytest.approx(float(shown), rel=EXACT) if long else pytest.approx(float(shown), rel=CLOSE, abs=0.051)
            assert float(printed) == near, f"$ {command}\n{line}"


def pattern(line: str) -> str:
    """A regular expression for one line of output, with a group for each decimal number."""
    pieces = []
    for place, piece in enumerate(NUMBER.split(line)):
        anything = ".*?".join(re.escape(part) for part in piece.split("…"))
        pieces.append(r"(-?\d+(?:\.\d+)?)" if place % 2 else re.sub(r"(?:\\ )+", r"\\s+", anything))
    return "".join(pieces)


def model_formulas(module: str) -> Iterator[str]:
    """Formulas, rows of the table and sentences in the docstring of a block."""
    text = importlib.import_module(f"kctopt.{module}").__doc__ or ""
    for paragraph in textwrap.dedent(text).strip().split("\n\n")[1:]:
        yield textwrap.dedent(paragraph)


@pytest.mark.parametrize("block", BLOCKS)
def test_page_on_the_model_says_what_the_blocks_say(block: str) -> None:
    page = read(f"docs/model/{block}.md")
    assert f"`kctopt/formulation/{block}.py`" in page
    for paragraph in model_formulas(f"formulation.{block}"):
        assert paragraph in page, f"docs/model/{block}.md lacks:\n{paragraph}"
    assert f"python source=kctopt/formulation/{block}.py" in page


def test_page_on_the_base_year_says_what_the_code_says() -> None:
    page = read("docs/model/base-year.md")
    formulas, table, _ = model_formulas("scenario.calibrate")
    assert formulas in page
    assert table in page


def test_every_page_is_in_the_index() -> None:
    assert pages_in("docs") <= linked_from("docs/README.md")
    assert pages_in("docs/model") <= linked_from("docs/model.md")
    assert pages_in("docs/zh") <= linked_from("docs/zh/README.md")


def pages_in(folder: str) -> set[Path]:
    return {path for path in (ROOT / folder).glob("*.md") if path.name != "README.md"}


def linked_from(page: str) -> set[Path]:
    return {((ROOT / page).parent / link.partition("#")[0]).resolve() for link in LINK.findall(read(page))}


def test_page_of_keys_is_that_of_the_records() -> None:
    assert read("docs/keys.md") == keys.page(), "run: python tests/keys.py"


def test_every_public_name_is_on_the_page_on_python() -> None:
    page = read("docs/python.md")
    assert "automodule:: kctopt.errors" in page
    others = [name for name in kctopt.__all__ if not hasattr(errors, name)]
    assert [name for name in others if not re.search(rf"^\.\. auto\w+:: kctopt\.{name}$", page, re.MULTILINE)] == []


def test_pages_for_planners_are_translated() -> None:
    assert translations.missing() == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "zh").glob("*.md")), ids=lambda page: page.name)
def test_translations_are_up_to_date(page: Path) -> None:
    assert translations.stale(page) == []


def test_a_changed_section_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zh").mkdir()
    original, page = tmp_path / "a.md", tmp_path / "zh" / "a.md"
    original.write_text("# A\n\nOne.\n\n## B\n\n```yaml\n# file: b.yaml\n```\n", encoding="utf-8")
    page.write_text("<!-- en: A -->\n# 甲\n<!-- en: B -->\n## 乙\n", encoding="utf-8")
    monkeypatch.setattr(translations, "DOCS", tmp_path)
    translations.mark(page)
    assert translations.stale(page) == [] == translations.missing()
    original.write_text(original.read_text(encoding="utf-8").replace("b.yaml", "c.yaml") + "\n## D\n", encoding="utf-8")
    assert translations.stale(page) == [
        "docs/zh/a.md: 'D' of docs/a.md is not translated",
        "docs/zh/a.md: 'B' of docs/a.md changed since it was translated",
    ]
    (tmp_path / "e.md").touch()
    assert translations.missing() == ["docs/e.md has no translation docs/zh/e.md"]


def test_readme_is_one_screen_and_names_the_two_commands() -> None:
    text = read("README.md")
    assert len(text.splitlines()) <= 80
    makefile = read("Makefile")
    for command in re.findall(r"make (\w+)", text):
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command
    assert re.findall(r"^    (make \w+)", text, re.MULTILINE) == ["make demo", "make test"]
