"""The font that figures, PDF and Word are set in, and what to do with letters that it lacks.

`KctoptSansSC-Regular.otf` is a subset of Noto Sans CJK SC (SIL Open Font License 1.1, OFL.txt beside it) under another
name, with the letters that `shipped` lists. `docs/reporting.md` tells how it is made anew.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from kctopt.language import LANGUAGES, Texts, translate

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
WORDS: Texts = {
    "one": "1 letter is not in the font that kctopt brings: {shown}",
    "several": "{count} letters are not in the font that kctopt brings: {shown}",
    "placed": "{letter} in '{cut}' ({place})",
    "private": "{code} is for private use, which every font fills in its own way: PDF shows such letters as codes",
    "drawn": "an installed font draws them ({family})",
    "none": "no installed font has them all",
    "unknown": "whether an installed font has them could not be found out: look at the result",
    "otherwise": (
        "{unsure}; what no font has shows as a box in pictures and as its code, [{code}], in PDF. Install a font that "
        "has them, such as Noto Sans CJK, change the labels, or take HTML, which the reader's fonts draw"
    ),
}


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
    return "".join(letter for letter in dict.fromkeys("".join(texts)) if letter not in known and _seen(letter))


def _seen(letter: str) -> bool:
    """Whether a letter needs a glyph. Python counts as unprintable what is newer than its tables, and private use."""
    return letter.isprintable() or unicodedata.category(letter) in ("Cn", "Co")


def private(letter: str) -> bool:
    """Whether each font gives a letter a meaning of its own: another font than the writer's draws something else."""
    return unicodedata.category(letter) == "Co"


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
    joint = LANGUAGES[lang].comma
    shown = joint.join(_placed(letter, placed, lang) for letter in lacking[:SHOWN]) + f"{joint}…" * (
        len(lacking) > SHOWN
    )
    said = [_say("one" if len(lacking) == 1 else "several", lang, count=len(lacking), shown=shown)]
    if own := [code_of(letter) for letter in lacking if private(letter)]:
        said.append(_say("private", lang, code=own[0]))
    if others := "".join(letter for letter in lacking if not private(letter)):
        said.append(_drawn_by(others, lang))
    return LANGUAGES[lang].semicolon.join(said)


def _drawn_by(lacking: str, lang: str) -> str:
    """Whether fonts of this machine draw letters that ours lacks, and what becomes of them otherwise."""
    families = installed(lacking)
    if families:
        return _say("drawn", lang, family=families[0])
    unsure = _say("unknown" if families is None else "none", lang)
    return _say("otherwise", lang, unsure=unsure, code=code_of(lacking[0]))


def _placed(letter: str, placed: Iterable[tuple[str, str]], lang: str) -> str:
    """A letter with the first text and place where it stands."""
    place, text = next((place, text) for place, text in placed if letter in text)
    at = text.index(letter)
    part = text[max(0, at - 12) : at + 13]
    cut = ("…" if at > 12 else "") + part + ("…" if len(text) > at + 13 else "")
    shown = letter if letter.isprintable() else code_of(letter)
    return _say("placed", lang, letter=shown, cut=cut, place=place)


def _say(key: str, lang: str, **parts: object) -> str:
    return translate(WORDS[key], lang, **parts)
