"""The gallery of figures: every figure of runs and reports has its place and its pictures, in both languages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PIL import Image

import kctopt
from benchmarks import gallery

REPORT = Path(kctopt.__file__).parent / "report"
PAGES = {"en": gallery.DOCS / "figures.md", "zh": gallery.DOCS / "zh" / "figures.md"}


def drawn_by_the_code() -> set[str]:
    """Names of figures in the code: those with a text that describes them, and those of reports."""
    named = set[str]()
    for file in REPORT.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Figure", "finished")
            if isinstance(node, ast.Call) and called:
                named |= {one.value for one in node.args if isinstance(one, ast.Constant) and one.value}
    return named


def test_every_figure_that_reports_draw_is_in_the_gallery() -> None:
    code = drawn_by_the_code()
    assert len(code) >= 8
    assert code <= set(gallery.names())
    assert set(gallery.SIDE) <= code


@pytest.mark.parametrize("lang", PAGES)
def test_every_figure_has_its_picture(lang: str) -> None:
    shown = re.findall(r"!\[[^\]]+\]\(figures/(\w+)\.png\)", PAGES[lang].read_text(encoding="utf-8"))
    assert tuple(shown) == gallery.names()
    place = gallery.PLACES[lang]
    assert {file.stem for file in place.iterdir()} == set(shown)
    for file in place.iterdir():
        assert file.stat().st_size < 60_000
        with Image.open(file) as image:
            assert image.width == gallery.WIDTH and image.height > 100
            assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 5  # something is drawn
