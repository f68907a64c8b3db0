"""What stands behind the site that `make docs` builds: formulas, contents, the check of the built pages."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="needs the extra `docs`; `make docs` runs these tests")
sys.path.insert(0, str(Path(__file__).parents[1] / "docs" / "_site"))

import check  # type: ignore[import-not-found]
import formula  # type: ignore[import-not-found]
import languages  # type: ignore[import-not-found]


def drawn(text: str) -> str:
    """A formula with the elements that carry no meaning left out."""
    return re.sub(
        r"</?m(?:ath|table|tr|td|row|style)[^>]*>|<mspace[^>]*>| (?:stretchy|separator)=\"\w+\"",
        "",
        formula.mathml(text),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("C_i <= 100", "<msub><mi>C</mi><mi>i</mi></msub><mo>≤</mo><mn>100</mn>"),
        ("k[i,t-1]", "<msub><mi>k</mi><mi>i</mi><mo>,</mo><mi>t</mi><mo>−</mo><mn>1</mn></msub>"),
        ("z^lambda_s", "<msup><mi>z</mi><msub><mi>λ</mi><mi>s</mi></msub></msup>"),
        ("(x)^(1-mu)", "<mo>(</mo><mi>x</mi><msup><mo>)</mo><mn>1</mn><mo>−</mo><mi>μ</mi></msup>"),
        ("sum_{j in d} w", "<munder><mo>∑</mo><mi>j</mi><mo>∈</mo><mi>d</mi></munder><mi>w</mi>"),
        ("Smax[i]", "<msubsup><mi>S</mi><mi>i</mi><mi>max</mi></msubsup>"),
        ("e_t0", "<msub><mi>e</mi><msub><mi>t</mi><mn>0</mn></msub></msub>"),
        ("carry_share * B", "<mtext>carry_share</mtext><mo>·</mo><mi>B</mi>"),
        ("b binary", "<mi>b</mi><mtext>binary</mtext>"),
        ("D  in place of reach", "<mi>D</mi><mtext> in place of reach </mtext>"),
    ],
)
def test_formulas_by_hand(text: str, expected: str) -> None:
    assert drawn(text) == expected


def test_what_stands_below_each_other_stays_so() -> None:
    lines = ["far    D <= C", "reach  D <= K"]
    assert formula.columns(lines) == [7]
    assert formula.mathml("\n".join(lines)).count("<mtd>") == 4
    assert formula.columns(["a  b", "cc   d"]) == []


def test_an_open_bracket_is_named() -> None:
    with pytest.raises(ValueError, match=r"a bracket is open: x\[i"):
        formula.mathml("x[i")


def test_contents_follow_the_tables() -> None:
    rows = [
        "| page | for |",
        "| [A](a.md) | [b](b.md) |",
        "| [C](../c.md) | |",
        "| [D](d.md#e) | |",
        "| [F](f/g.md) | |",
    ]
    table = "\n".join(rows)
    assert languages.LINK.findall(table) == ["a", "f/g"]
    assert languages.toctree("Start", ["a"]) == "\n```{toctree}\n:hidden:\n:caption: Start\n\na\n```\n"
    assert languages.toctree("Start", []) == ""


def test_what_the_search_would_say_in_english_is_named(tmp_path: Path) -> None:
    (tmp_path / "searchtools.js").write_text('_("Searching"); Documentation.ngettext(\n  "found one page",\n  "more");')
    (tmp_path / "translations.js").write_text('{"Searching": "正在搜索"}', encoding="utf-8")
    assert list(check.unsaid(tmp_path)) == ["the search of the Chinese pages says in English: found one page"]
    (tmp_path / "zh.js").write_text('{"found one page": ["找到"]}', encoding="utf-8")
    assert list(check.unsaid(tmp_path)) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "a.html loads https://cdn.example/x.js"),
        ('<link rel="stylesheet" href="//cdn.example/x.css">', "a.html loads //cdn.example/x.css"),
        ('<a href="b.html">b</a>', "a.html links to b.html: no such file"),
        ('<a href="a.html#here">b</a>', "a.html links to a.html#here: no such place"),
        ('<p id="here"><a href="#here">b</a> <a href="https://doi.example/1">c</a>', None),
    ],
)
def test_the_check_names_what_is_wrong(html: str, fault: str | None, tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(html, encoding="utf-8")
    (tmp_path / "zh").mkdir()
    found = dict.fromkeys(check.TERMS, 0)
    index = f'Search.setIndex({{"docnames": ["glossary", "scenario-files"], "terms": {{}}, "titleterms": {found}}})'
    (tmp_path / "zh" / "searchindex.js").write_text(index.replace("'", '"'), encoding="utf-8")
    missed = "the search does not find 下限 on zh/scenario-files"
    assert list(check.faults(tmp_path.resolve())) == [*([fault] if fault else []), missed]
