"""The font that figures, PDF and Word are set in, and what to do with letters that it lacks.

`KctoptSansSC-Regular.otf` is a subset of Noto Sans CJK SC (SIL Open Font License 1.1, OFL.txt beside it) under another
name, with the letters that `shipped` lists. `docs/reporting.md` tells how it is made anew.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

FAMILY = "Kctopt Sans SC"
FOLDER = Path(__file__).parent
FILE = FOLDER / "KctoptSansSC-Regular.otf"
FAMILIES = (FAMILY, "Noto Sans CJK SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", "Arial", "sans-serif")

_SPANS = ((0x20, 0x7E), (0xA0, 0xFF), (0x391, 0x3A1), (0x3A3, 0x3A9), (0x3B1, 0x3C9), (0x3000, 0x3011))
SHOWN = 20  # letters that a warning names
_MORE = "‐‑‒–—―‖‘’‚“”„†‡•…‰′″€−×÷±≤≥≠≈→←↑↓·◦°∞∑√¬□■○●△▲"
_ELEMENTS = (  # beyond level 1: elements by number up to 103, and words of chemistry
    "氢氦锂铍硼碳氮氧氟氖钠镁铝硅磷硫氯氩钾钙钪钛钒铬锰铁钴镍铜锌镓锗砷硒溴氪铷锶钇锆铌钼锝钌铑钯银镉铟锡锑碲碘氙铯钡镧铈镨钕钷钐铕钆铽"
    "镝钬铒铥镱镥铪钽钨铼锇铱铂金汞铊铅铋钋砹氡钫镭锕钍镤铀镎钚镅锔锫锎锿镄钔锘铹垒瓴羰腈酞萘烯烷炔酰酯酮醛苯羧酶肽阈熵赝"
)


@functools.cache
def shipped() -> frozenset[str]:
    """Letters of the font: Latin, Greek, punctuation, full-width forms, level 1 of GB 2312, elements."""
    found = {chr(code) for first, last in _SPANS for code in range(first, last + 1)} | set(_MORE) | set(_ELEMENTS)
    for row in (0xA3, *range(0xB0, 0xD8)):
        for cell in range(0xA1, 0xFF):
            found.add(bytes((row, cell)).decode("gb2312", errors="ignore"))
    return frozenset(found - {""})


def missing(texts: Iterable[str]) -> str:
    """The letters of some texts that the font lacks, each once, in order."""
    known = shipped()
    return "".join(letter for letter in dict.fromkeys("".join(texts)) if letter not in known and letter.isprintable())


def installed(letters: str) -> list[str] | None:
    """Families of installed fonts that hold all `letters`; None where that cannot be found out (no fontconfig)."""
    program = shutil.which("fc-list")
    if program is None:
        return None
    codes = " ".join(f"{ord(letter):x}" for letter in letters)
    found = subprocess.run(
        [program, f":charset={codes}", "family"], capture_output=True, text=True, check=False, timeout=30
    )
    return sorted({line.split(",")[0] for line in found.stdout.splitlines() if line})


def code_of(letter: str) -> str:
    """What is written for a letter that cannot be drawn: U+9F98."""
    return f"U+{ord(letter):04X}"


def warning(texts: Iterable[tuple[str, str]], lang: str = "en") -> str:
    """What a user must know about letters that the font lacks; empty when it has all of them.

    `texts` are pairs of a place, such as the title of a chapter, and a text that stands there.
    """
    placed = list(texts)
    lacking = missing(text for _, text in placed)
    if not lacking:
        return ""
    families = installed(lacking)
    if lang == "zh":
        return _warning_zh(lacking, placed, families)
    shown = ", ".join(_placed(letter, placed) for letter in lacking[:SHOWN]) + ", …" * (len(lacking) > SHOWN)
    count = "1 letter is" if len(lacking) == 1 else f"{len(lacking)} letters are"
    start = f"{count} not in the font that kctopt brings: {shown}"
    if families:
        return f"{start}; an installed font draws them ({families[0]})"
    unsure = "no installed font has them all" if families is not None else (
        "whether an installed font has them could not be found out: look at the result"
    )  # fmt: skip
    fallback = f"what no font has shows as a box in pictures and as its code, [{code_of(lacking[0])}], in PDF"
    remedy = "Install a font that has them, such as Noto Sans CJK, change the labels, or take HTML, which the reader's"
    return f"{start}; {unsure}; {fallback}. {remedy} fonts draw"


def _warning_zh(lacking: str, placed: Sequence[tuple[str, str]], families: list[str] | None) -> str:
    """The same in Chinese."""
    shown = "、".join(_placed(letter, placed, "zh") for letter in lacking[:SHOWN]) + "等" * (len(lacking) > SHOWN)
    start = f"有 {len(lacking)} 个字不在 kctopt 自带的字体中：{shown}"
    if families:
        return f"{start}；已安装的字体可以画出（{families[0]}）"
    unsure = "没有一种已安装的字体全部包含" if families is not None else "已安装的字体是否包含无从查明，请查看结果"
    fallback = f"没有字体的字，在图中显示为方框，在 PDF 中显示为其代码 [{code_of(lacking[0])}]"
    remedy = "请安装包含这些字的字体（如 Noto Sans CJK）、改写名称，或用 HTML（由读者的字体画出）"
    return f"{start}；{unsure}；{fallback}。{remedy}"


def _placed(letter: str, placed: Iterable[tuple[str, str]], lang: str = "en") -> str:
    """A letter with the first text and place where it stands."""
    place, text = next((place, text) for place, text in placed if letter in text)
    at = text.index(letter)
    part = text[max(0, at - 12) : at + 13]
    cut = ("…" if at > 12 else "") + part + ("…" if len(text) > at + 13 else "")
    return f"“{cut}”（{place}）中的 {letter}" if lang == "zh" else f"{letter} in '{cut}' ({place})"
