"""Texts in the reader's language: English stands in the code, other languages in the catalogues under `locale/`.

A text is given whole, with named fields: `translate("{name}: {count} rules", lang, name=…, count=…)`. Texts that are
chosen by a key stand in a table annotated `Texts`; one that means two things says which by `within`. What differs
between languages beside words, such as the signs of a list, is in `LANGUAGES`. `python tests/catalogue.py` brings the
catalogues in step with the code.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from kctopt.errors import UsageError

Texts = dict[str, str]  # English texts by key, each of which is in the catalogues
CONTEXT = "\x04"  # between the context and the text of an entry, as gettext keeps them
LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True)
class Language:
    """How a language is written, beside its words."""

    html: str  # its tag for HTML
    document: str  # and for Word
    comma: str  # between the parts of a list
    last: str  # before the last part of a list in a sentence
    clause: str  # between clauses
    semicolon: str
    colon: str
    stop: str
    space: str  # between sentences
    dot: str  # between the parts of a choice
    cases: bool  # whether letters are small or large

    def series(self, parts: Iterable[str]) -> str:
        """A list in a sentence: `a, b and c`."""
        texts = list(parts)
        ends = [self.comma.join(texts[:-1]), *texts[-1:]] if len(texts) > 1 else texts
        return self.last.join(ends)

    def inside(self, name: str) -> str:
        """A name inside a sentence."""
        return name.lower() if self.cases else name


ENGLISH = "en"  # the language of the code
LANGUAGES = {
    ENGLISH: Language("en", "en-GB", ", ", " and ", ", ", "; ", ": ", ".", " ", ", ", cases=True),
    "zh": Language("zh-CN", "zh-CN", "、", "、", "，", "；", "：", "。", "", "·", cases=False),
}
ALSO = {"chinese": "zh", "cn": "zh", "中文": "zh", "汉语": "zh", "english": "en", "英文": "en", "英语": "en"}


def checked_lang(lang: Any) -> str:
    """A language: one of `LANGUAGES`, or the UsageError that says which there are."""
    if not isinstance(lang, str) or lang not in LANGUAGES:
        hint = suggested(lang)
        meant = f"; did you mean {hint!r}?" if hint else ""
        raise UsageError(f"lang={lang!r}: needs {' or '.join(LANGUAGES)}{meant}")
    return lang


def suggested(lang: object) -> str:
    """The language that is probably meant by a name that is none of ours; empty where none is."""
    text = str(lang).strip().lower()
    known = {**{name: name for name in LANGUAGES}, **ALSO}
    short = text.replace("_", "-").partition("-")[0]  # zh_CN.UTF-8, en-GB
    near = [short] if short in known else get_close_matches(text, known, 1)
    return known[near[0]] if near else ""


def translate(english: str, lang: str, /, **values: object) -> str:
    """A text in a language, its fields filled with `values`; English where the catalogue lacks it."""
    return _filled(_catalogue(lang).gettext(english) if english else "", values)


def translate_count(singular: str, many: str, lang: str, /, count: int, **values: object) -> str:
    """The form of a text for a number of things, which the field `count` holds."""
    return _filled(_catalogue(lang).ngettext(singular, many, count), {"count": count, **values})


def plural(singular: str, many: str) -> tuple[str, str]:
    """The forms of a text for `translate_count`, where they stand apart from its call."""
    return singular, many


def within(context: str, english: str) -> str:
    """A text that has another translation here than elsewhere."""
    return f"{context}{CONTEXT}{english}"


@cache
def entries(context: str, lang: str) -> dict[str, str]:
    """All texts of a context with their translations."""
    catalogue = _catalogue(lang)
    start = f"{context}{CONTEXT}"
    return catalogue.entries(start) if isinstance(catalogue, MessageCatalogue) else {}


class MessageCatalogue(gettext.GNUTranslations):
    """The texts of a language, which can be listed."""

    _catalog: dict[str, str]

    def entries(self, start: str) -> dict[str, str]:
        """Those whose key begins with `start`, by the rest of the key."""
        return {key.removeprefix(start): text for key, text in self._catalog.items() if str(key).startswith(start)}


@cache
def _catalogue(lang: str) -> gettext.NullTranslations:
    if checked_lang(lang) == ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation("kctopt", LOCALE, [lang], class_=MessageCatalogue)


def _filled(text: str, values: dict[str, Any]) -> str:
    text = text.rpartition(CONTEXT)[2]
    return text.format(**values) if values else text
