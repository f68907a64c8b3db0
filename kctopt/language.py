"""Texts in the reader's language: English stands in the code, other languages in the catalogues under `locale/`.

A text is given whole, with named fields: `translate("{name}: {count} rules", lang, name=…, count=…)`. Texts that are
chosen by a key stand in a table annotated `Texts`; one that means two things says which by `within`. What differs
between languages beside words, such as the signs of a list, is in `LANGUAGES`. `python tests/catalogue.py` brings the
catalogues in step with the code.

Money is kept in billion CNY everywhere and shown in the unit of the reader's language, 亿元 in Chinese. Its scale is
`Language.money`, and nobody else's: a sentence of the catalogue writes `{amount:money} 亿元` (`{amount:money,.1f}` for
a number that is not yet a text, `{amount:trillions,.2f}` for 万亿元), a table calls `money`, an axis or a cell that
holds numbers `money_number`.
"""

from __future__ import annotations

import gettext
import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from kctopt.errors import UsageError

Texts = dict[str, str]  # English texts by key, each of which is in the catalogues
CONTEXT = "\x04"  # between the context and the text of an entry, as gettext keeps them
LOCALE = Path(__file__).parent / "locale"
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")  # without its sign
SHARE = re.compile(r"(?<=\d) %")  # as English writes it
HAN = re.compile("[\u4e00-\u9fff“”《》（）]")
SEAM = re.compile("(?P<before>(?<=[\u4e00-\u9fff]) |)(?P<field>{(?P<name>[a-z_]+)})(?P<after> (?=[\u4e00-\u9fff])|)")
MONEY, TRILLIONS = "money", "trillions"  # formats of a field of a translation; the number's own format comes behind


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
    brackets: tuple[str, str]  # around an aside, with the space before it
    percent: str  # the sign behind a number, with the space before it
    money: int  # power of ten by which its unit of money is smaller than a billion CNY
    plans: Mapping[str, str] = field(default_factory=dict)  # names of five-year plans, by their ids

    def series(self, parts: Iterable[str]) -> str:
        """A list in a sentence: `a, b and c`."""
        texts = list(parts)
        ends = [self.comma.join(texts[:-1]), *texts[-1:]] if len(texts) > 1 else texts
        return self.last.join(ends)

    def aside(self, text: str) -> str:
        """A text in brackets, to stand behind another."""
        return self.brackets[0] + text + self.brackets[1]

    def inside(self, name: str) -> str:
        """A name inside a sentence."""
        return name.lower() if self.cases else name


ENGLISH = "en"  # the language of the code
LANGUAGES = {
    ENGLISH: Language(
        "en", "en-GB", ", ", " and ", ", ", "; ", ": ", ".", " ", ", ", cases=True, brackets=(" (", ")"), percent=" %",
        money=0,
    ),
    "zh": Language(
        "zh-CN", "zh-CN", "、", "、", "，", "；", "：", "。", "", "·", cases=False, brackets=("（", "）"), percent="%",
        money=1,
        plans={"2021-25": "“十四五”", "2026-30": "“十五五”", "2031-35": "“十六五”", "2036-40": "“十七五”"},
    ),
}  # fmt: skip
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
    return _filled(_catalogue(lang).gettext(english) if english else "", lang, values)


def translate_count(singular: str, many: str, lang: str, /, count: int, **values: object) -> str:
    """The form of a text for a number of things, which the field `count` holds."""
    return _filled(_catalogue(lang).ngettext(singular, many, count), lang, {"count": count, **values})


def plural(singular: str, many: str) -> tuple[str, str]:
    """The forms of a text for `translate_count`, where they stand apart from its call."""
    return singular, many


def within(context: str, english: str) -> str:
    """A text that has another translation here than elsewhere."""
    return f"{context}{CONTEXT}{english}"


def money(amount: float | str, lang: str, form: str = ".1f") -> str:
    """An amount of money as a language shows it, without its unit.

    Parameters
    ----------
    amount : float or str
        Billion CNY: a number, or a text as English shows it, whose numbers (one or more) are all amounts.
    lang : str
        Language of the reader.
    form : str, optional
        Format of a number, as English shows it; the digits that a smaller unit moves before the point are not lost.

    Returns
    -------
    str
        The amount in the language's unit of money (100 million CNY in Chinese), with no digits but those of English.

    Examples
    --------
    >>> money(6254.83, "en", ",.1f"), money(6254.83, "zh", ",.1f"), money("12.3 (11.9)", "zh")
    ('6,254.8', '62,548', '123 (119)')
    """
    text = amount if isinstance(amount, str) else format(amount, form)
    power = LANGUAGES[lang].money
    return NUMBER.sub(lambda found: _shifted(found[0], power), text) if power else text


def money_number(amount: float, lang: str) -> float:
    """An amount of money, billion CNY, as a number in the unit of a language: for axes and cells that hold numbers.

    >>> money_number(6254.8, "zh"), money_number(6254.8, "en")
    (62548.0, 6254.8)
    """
    return float(amount * 10.0 ** LANGUAGES[lang].money)


def money_digits(digits: int, lang: str) -> int:
    """Digits behind the point that an amount keeps in a language, where English shows `digits`.

    >>> money_digits(1, "zh"), money_digits(0, "zh"), money_digits(1, "en")
    (0, 0, 1)
    """
    return max(0, digits - LANGUAGES[lang].money)


def percent(share: float, lang: str, form: str = ".1f") -> str:
    """A share as a percentage: `30.2 %`, in Chinese `30.2%`.

    >>> percent(0.302, "en"), percent(0.302, "zh"), percent(1e-6, "zh", ".2g")
    ('30.2 %', '30.2%', '0.0001%')
    """
    return f"{100 * share:{form}}{LANGUAGES[lang].percent}"


def plan_name(plan: str, lang: str) -> str:
    """A planning period as a language calls it where it is a five-year plan of the nation; else its id, its years.

    >>> plan_name("2026-30", "zh"), plan_name("2026-28", "zh"), plan_name("2026-30", "en")
    ('“十五五”', '2026-28', '2026-30')
    """
    return LANGUAGES[lang].plans.get(plan, plan)


def _shifted(number: str, power: int) -> str:
    """A number written in English times a power of ten, without a digit more than it says."""
    exact = Decimal(number.replace(",", "")).scaleb(power)
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)  # no such pattern reads as infinite
    return f"{exact:,.{max(0, -exponent)}f}"


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


def _filled(text: str, lang: str, values: dict[str, Any]) -> str:
    text = text.rpartition(CONTEXT)[2]
    if not values:
        return text
    if not LANGUAGES[lang].cases:
        text = _closed(text, values)
    if f":{MONEY}" in text or f":{TRILLIONS}" in text:  # of a language whose unit of money is not that of English
        return _WithMoney(lang).format(text, **values)
    return text.format(**values)


def _closed(text: str, values: Mapping[str, Any]) -> str:
    """A text without the spaces between its Chinese and a value that is Chinese there.

    >>> _closed("比 {base} 早", {"base": "基准情景"}), _closed("比 {base} 早", {"base": "baseline"})
    ('比{base}早', '比 {base} 早')
    """

    def close(match: re.Match[str]) -> str:
        value = str(values.get(match["name"], ""))
        before = "" if match["before"] and HAN.match(value[:1]) else match["before"]
        after = "" if match["after"] and HAN.match(value[-1:]) else match["after"]
        return f"{before}{match['field']}{after}"

    return SEAM.sub(close, text)


class _WithMoney(string.Formatter):
    """Fills texts whose fields may hold money."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def format_field(self, value: Any, format_spec: str) -> str:
        """A field; money in the unit of the language, or in a thousand billion."""
        if format_spec.startswith(MONEY):
            form = format_spec.removeprefix(MONEY)
            return money(value, self.lang, form or ".1f")
        if format_spec.startswith(TRILLIONS):
            return format(value / 1000, format_spec.removeprefix(TRILLIONS))
        return str(super().format_field(value, format_spec))
