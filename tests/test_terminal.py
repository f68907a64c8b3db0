"""Text within the width of a terminal: lines folded, tables that give way."""

from __future__ import annotations

import pytest

from kctopt.terminal import fold, grid, room, width, within_cells


def test_without_a_terminal_nothing_is_folded() -> None:
    assert room() is None
    assert fold("x" * 300 + " y", room()) == ["x" * 300 + " y"]
    assert grid(["name", "text"], [["a", "b " * 200]], left=(0, 1)) == [
        "  name  text",
        "  a     " + ("b " * 200).rstrip(),
    ]


@pytest.mark.parametrize("cells", [12, 20, 33, 80])
def test_lines_fit_and_lose_nothing(cells: int) -> None:
    english = "  one two three four five, six seven (eight nine) ten eleven twelve."
    chinese = "  基准年份额若违反规则，则以最小的资金调整使其合规；涉及“十五五”规划期（2026 年起）。"
    for text in (english, chinese):
        lines = fold(text, cells)
        assert max(map(width, lines)) <= cells
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert not any(line.lstrip()[0] in "，。；）”" for line in lines)
        assert not any(line[-1] in "（“(" for line in lines)


def test_a_path_stays_whole_so_that_it_can_be_copied() -> None:
    path = "/a/long/path/of/a/folder/that/is/longer/than/the/line"
    assert fold(f"saved in: {path}", 30) == ["saved in:", f"  {path}"]


def drawn(cells: int, *table: object, left: tuple[int, ...] = (0,)) -> list[str]:
    with within_cells(cells):
        lines = grid(*table, left=left)  # type: ignore[arg-type]
    assert all(width(line) <= cells for line in lines), lines
    return lines


def test_headings_take_several_lines() -> None:
    assert drawn(20, ["run", "value of planning"], [["a", "1.5"], ["b", "22.0"]]) == [
        "            value of",
        "  run       planning",
        "  a              1.5",
        "  b             22.0",
    ]


def test_a_long_last_column_of_text_is_folded_or_stands_below() -> None:
    rows = [["money", "1", "a sentence of more than a few words"]]
    assert drawn(40, ["rule", "n", "what"], rows, left=(0, 2)) == [
        "  rule   n  what",
        "  money  1  a sentence of more than a",
        "            few words",
    ]
    assert drawn(34, ["rule", "n", "what"], rows, left=(0, 2)) == [
        "  rule   n",
        "      what",
        "  money  1",
        "      a sentence of more than a",
        "        few words",
    ]


def test_columns_of_numbers_stand_in_blocks() -> None:
    years = [str(year) for year in range(2026, 2036)]
    lines = drawn(30, ["", *years], [["money", *(f"{n}.0" for n in range(10))]])
    assert sum(line.startswith("  money") for line in lines) == 4
    for n, year in enumerate(years):
        assert sum(year in line for line in lines) == 1
        assert sum(f" {n}.0" in line for line in lines) == 1


def test_one_column_that_is_too_wide_stays_as_it_is() -> None:
    with within_cells(10):
        assert grid(["a"], [["x" * 30]]) == ["  a", "  " + "x" * 18, "    " + "x" * 12]
