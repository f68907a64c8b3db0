"""Texts in the reader's language: the catalogues are in step with the code, whole, and no text goes round them."""

from __future__ import annotations

import ast
import re
import string
from gettext import GNUTranslations
from pathlib import Path

import click
import pytest
import rich_click
import yaml
from catalogue import KCTOPT, TEMPLATES, TRANSLATED, literals, po, read, texts

from kctopt.errors import UsageError
from kctopt.language import checked_lang, entries, suggested, translate, translate_count, within
from kctopt.result.fields import TABLES
from kctopt.scenario.chinese import UNITS
from kctopt.scenario.field_kinds import policy_fields

HAN = re.compile("[\u4e00-\u9fff]")
WORD = re.compile("[a-z]{3,}")
VOCABULARY = {  # Chinese that is read, not only said, or written into files in both languages
    "scenario/new_folder.py",
    "scenario/new_model.py",
    "scenario/chinese.py",
    "language.py",
    "report/fonts/__init__.py",
    "scenario/cells.py",
    "scenario/sheets.py",
    "study/workbook.py",
}


FREE = {"all"}  # given where the English of a list has no need of it


def fields(text: str) -> set[str]:
    """Fields of a template: `{name}` and `{cost:.1f}`, numbered ones and gaps left out."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name and not name.isdigit()}


@pytest.mark.parametrize("lang", TRANSLATED)
def test_the_catalogue_holds_the_texts_of_the_code_and_no_others(lang: str) -> None:
    there = {(one.context, one.id) for one in read(lang) if one.id and one.context not in TEMPLATES}
    asked = {(one.context, one.text) for one in texts()}
    assert asked - there == set(), "run python tests/catalogue.py"
    assert there - asked == set(), "run python tests/catalogue.py"


@pytest.mark.parametrize("lang", TRANSLATED)
def test_every_text_is_translated_with_the_same_fields(lang: str) -> None:
    for one in read(lang):
        if not one.id or one.context in TEMPLATES:  # those have gaps, which test_faults_zh.py counts
            continue
        forms = [one.string] if isinstance(one.string, str) else list(one.string)
        english = [one.id] if isinstance(one.id, str) else list(one.id)
        assert all(forms) and not one.fuzzy, one.id
        assert set().union(*map(fields, forms)) <= set().union(FREE, *map(fields, english)), one.id


@pytest.mark.parametrize("lang", TRANSLATED)
def test_what_gettext_reads_is_the_catalogue(lang: str) -> None:
    with po(lang).with_suffix(".mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for one in read(lang):
        if isinstance(one.id, str) and one.id:
            assert compiled.gettext(within(one.context, one.id) if one.context else one.id) == one.string
        elif one.id:
            assert compiled.ngettext(one.id[0], one.id[1], 2) == one.string[-1]


def words_of_code() -> set[str]:
    """Words in the texts of the code, and of the packages whose messages are told: click and PyYAML."""
    packages = [KCTOPT, *(Path(package.__file__).parent for package in (click, rich_click, yaml))]
    texts_there = [
        node.value
        for package in packages
        for file in package.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return {"errno", *WORD.findall("\n".join(texts_there).lower())}  # as Python begins what the system says


def test_no_template_is_left_that_nothing_says() -> None:
    said = words_of_code()
    templates = [one for one in read("zh") if one.context in set(TEMPLATES) - {"system"}]
    assert [(one.context, one.id) for one in templates if set(WORD.findall(one.id.lower())) - said] == []


@pytest.mark.parametrize("lang", TRANSLATED)
def test_a_context_stands_only_where_it_tells_two_meanings_apart(lang: str) -> None:
    catalog = read(lang)
    for one in catalog:
        plain = catalog.get(one.id) if one.context and one.context not in TEMPLATES else None
        assert plain is None or plain.string != one.string, (one.context, one.id)


def test_texts_stand_where_they_are_found() -> None:
    """What is translated is a text in the call or comes from a table, not from a text kept in a variable."""
    kept = []
    for file in KCTOPT.rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                nodes = list(ast.walk(function))
                calls = [one for one in nodes if isinstance(one, ast.Call) and ast.unparse(one.func) == "translate"]
                told = {one.args[0].id for one in calls if isinstance(one.args[0], ast.Name)}
                kept += [
                    (file.name, ast.unparse(one))
                    for one in nodes
                    if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) in told and [*literals(one.value)]
                ]
    assert kept == []


def test_no_module_holds_texts_of_its_own() -> None:
    files = {file.relative_to(KCTOPT).as_posix(): file.read_text(encoding="utf-8") for file in KCTOPT.rglob("*.py")}
    assert {name for name, text in files.items() if HAN.search(text)} - VOCABULARY == set()
    assert {name for name, text in files.items() if re.search('lang == "|lang != "', text)} - VOCABULARY == set()


def test_numbers_have_their_forms() -> None:
    assert translate("{count} more", "en", count=2) == "2 more"
    assert translate(within("verdict", "never"), "en") == translate("never", "en") == "never"
    assert (translate(within("verdict", "never"), "zh"), translate("never", "zh")) == ("不予投入", "从不")
    assert translate("no such text: {x}", "zh", x=3) == "no such text: 3"
    assert translate("", "zh") == ""
    forms = [translate_count("{count} rule", "{count} rules", "en", count=count) for count in (0, 1, 2)]
    assert forms == ["0 rules", "1 rule", "2 rules"]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("cn", "zh"),
        ("zh_CN.UTF-8", "zh"),
        ("Chinese", "zh"),
        ("中文", "zh"),
        ("eng", "en"),
        ("en-GB", "en"),
        ("fr", ""),
    ],
)
def test_an_unknown_language_is_refused_with_a_suggestion(given: str, meant: str) -> None:
    assert suggested(given) == meant
    for call in (checked_lang, lambda lang: translate("never", lang)):
        with pytest.raises(UsageError) as refused:
            call(given)
        assert str(refused.value) == f"lang={given!r}: needs en or zh" + (f"; did you mean '{meant}'?" if meant else "")
    with pytest.raises(UsageError, match="lang=None: needs en or zh"):
        checked_lang(None)


def test_the_vocabulary_of_the_input_agrees_with_the_catalogue() -> None:
    """Units are told by one name, whether they are read or said; columns and parts of rules have theirs."""
    words = {"share", "year", "years", "billion CNY"}  # headings, and money, which is shown in another unit than read
    said = {unit: translate(unit, "zh") for unit in UNITS.keys() - words}
    assert {unit: UNITS[unit] for unit, text in said.items() if text not in (unit, UNITS[unit])} == {}
    columns = {column.key.replace("_", " ") for table in TABLES.values() for column in table}
    assert columns == set(entries("column", "zh"))
    assert set(policy_fields(None)) - {"id"} == set(entries("rule", "zh"))
