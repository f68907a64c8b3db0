"""A comparison of two studies as tables, in words, as Markdown and as a workbook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.errors import UsageError
from kctopt.language import LANGUAGES, Texts, checked_lang, money_number, translate
from kctopt.study.compared import Beside
from kctopt.study.sweep_text import ENDS as STATUSES
from kctopt.table import Column, Table, workbook, write_rows

if TYPE_CHECKING:
    from kctopt.study.swept import Swept

TITLES: Texts = {
    "inputs": "What was asked and differs",
    "members": "Members by status",
    "outcomes": "Outcomes: quantiles over the members with a plan, at the end of the last planned year",
    "allocation": "Money over all plans, billion CNY: quantiles over the members with a plan",
}
HEADS: Texts = {
    "what": "what", "base": "base", "other": "other", "status": "status", "scenario": "scenario", "outcome": "index",
    "domain": "domain", "type": "type", "unit": "unit", "year": "year", "base_p5": "base 5 %", "base_p50": "base 50 %",
    "base_p95": "base 95 %", "other_p5": "other 5 %", "other_p50": "other 50 %", "other_p95": "other 95 %",
    "change": "change of the median",
}  # fmt: skip
SIDES: Texts = {"base": "BASE", "other": "OTHER"}
NUMBERS = {name: ".5g" for name in HEADS if "_p" in name} | {"change": "+.3g"}
COLUMNS = {
    "inputs": ("what", "base", "other"),
    "members": ("status", "base", "other"),
    "outcomes": ("outcome", "year", *NUMBERS),
    "allocation": ("domain", "type", *NUMBERS),
}


def tables(comparison: Beside, lang: str = "en") -> Iterator[tuple[str, Table]]:
    """Tables by name; columns that say the scenario where there are several."""
    rows = {
        "inputs": comparison.inputs, "members": comparison.statuses, "outcomes": comparison.outcomes,
        "allocation": comparison.allocation,
    }  # fmt: skip
    for name, records in rows.items():
        several = ("scenario",) if len(comparison.scenarios) > 1 and name != "inputs" else ()
        columns = [_column(key, name, lang) for key in (*several, *COLUMNS[name])]
        cells = [[_cell(key, name, row, lang) for key in (*several, *COLUMNS[name])] for row in records]
        yield name, Table(translate(TITLES[name], lang), columns, cells)


def _column(key: str, table: str, lang: str) -> Column:
    counts = table == "members" and key in SIDES
    kind = "number" if key in NUMBERS else "integer" if counts or key == "year" else "string"
    return Column(key, kind, label=translate(HEADS[key], lang), format=NUMBERS.get(key, ""))  # type: ignore[arg-type]


def _cell(key: str, table: str, row: dict[str, Any], lang: str) -> Any:
    value = row[key]
    if table == "allocation" and key in NUMBERS and value is not None:
        return money_number(value, lang)
    if key == "status":
        return translate(STATUSES.get(value, value), lang)
    if key == "domain" and not value:
        return translate("nation", lang)
    return value


def matched(comparison: Beside, lang: str) -> list[str]:
    """What is said of members with the same draw."""
    if not comparison.matched:
        return [
            translate("The studies draw different inputs, so no member of one has a counterpart in the other.", lang)
        ]
    lines = []
    for one in comparison.matched:
        if not one.pairs:
            lines.append(translate("{name}: no draw is in both studies.", lang, name=one.scenario))
            continue
        said = translate(
            "{name}: {pairs} members have the same draw in both studies, {both} of them a plan in both.",
            lang, name=one.scenario, pairs=f"{one.pairs:,}", both=f"{one.both:,}",
        )  # fmt: skip
        if one.both:
            said += LANGUAGES[lang].space + translate(
                "The objective changes by {mean} on average ({least} to {most}); it is proven higher in {higher}, "
                "proven lower in {lower}, and within the gaps in {rest}.",
                lang, mean=f"{one.mean:+.4g}", least=f"{one.least:+.4g}", most=f"{one.most:+.4g}", higher=one.higher,
                lower=one.lower, rest=one.both - one.higher - one.lower,
            )  # fmt: skip
        if one.same == one.pairs:
            said += LANGUAGES[lang].space + translate("They are the very same members.", lang)
        elif one.other_scenario:
            said += LANGUAGES[lang].space + translate("What differs is the scenario: gap and code agree.", lang)
        lines.append(said)
    return lines


def notes(comparison: Beside, lang: str) -> list[str]:
    """What is not compared, and what quantiles do not say."""
    from kctopt.study.sweep_excel import about_quantiles

    lines = [
        translate("{side} alone has the scenario {name}.", lang, side=translate(SIDES[side], lang), name=name)
        for side, name in comparison.alone
    ]
    for side, sweep, names in zip(SIDES, comparison.sides, zip(*comparison.scenarios, strict=True), strict=True):
        told = about_quantiles(sweep, lang, names)
        lines += [f"{translate(SIDES[side], lang)}{LANGUAGES[lang].colon}{line}" for line in told]
    return lines


def text(comparison: Beside, lang: str = "en", *, markdown: bool = False) -> str:
    """All of it for a terminal, or as Markdown."""
    lang = checked_lang(lang)
    names = [sweep.about["name"] for sweep in comparison.sides]
    title = translate("{other} against {base}", lang, other=names[1], base=names[0])
    lines = [f"# {title}" if markdown else title, ""]
    for name, table in tables(comparison, lang):
        if not table.rows:
            if name == "inputs":
                lines += [translate("Both studies ask the same.", lang), ""]
            continue
        lines += [f"## {table.title}", "", table.markdown(), ""] if markdown else [table.title, *table.text(), ""]
        if name == "members":
            lines += [*matched(comparison, lang), ""]
    return "\n".join([*lines, *notes(comparison, lang)]) + "\n"


def write_excel(comparison: Beside, path: Path, lang: str = "en") -> Path:
    """One sheet a table, under the words of `matched` and `notes`; replaced as a whole."""
    with workbook(path, "compare xlsx") as book:
        sheet, bold = book.add_worksheet("notes"), book.add_format({"bold": True})
        for row, line in enumerate([*matched(comparison, lang), *notes(comparison, lang)]):
            sheet.write_string(row, 0, line)
        for name, table in tables(comparison, lang):
            sheet = book.add_worksheet(name)
            for place, head in enumerate(table.heads):
                sheet.write_string(0, place, head, bold)
            write_rows(sheet, 1, table.rows, [None] * len(table.columns))
    return path


class SweepComparison(Beside):
    """Two studies side by side; changes are OTHER less BASE.

    Parameters
    ----------
    base, other : Sweep
        As `kctopt.open` returns them.

    Examples
    --------
    >>> import kctopt
    >>> sweep = kctopt.open("studies/tight.duckdb")
    >>> comparison = sweep.compare(sweep)
    >>> comparison.inputs, comparison.matched[0].pairs
    ([], 2)
    """

    def summary(self, lang: str = "en") -> str:
        """What differs, in words and tables.

        Parameters
        ----------
        lang : str, default "en"
            `en` or `zh`.

        Returns
        -------
        str
            Inputs, members by status, matched members, outcomes, money.

        Examples
        --------
        >>> import kctopt
        >>> sweep = kctopt.open("studies/tight.duckdb")
        >>> print(sweep.compare(sweep).summary().splitlines()[0])
        tight against tight
        """
        return text(self, lang)


def compare(base: Swept, other: Swept) -> SweepComparison:
    """Two studies side by side.

    Parameters
    ----------
    base, other : Sweep
        As `kctopt.open` returns them.

    Returns
    -------
    SweepComparison
        Changes are OTHER less BASE.

    Raises
    ------
    UsageError
        Where no scenario of one is in the other.

    Examples
    --------
    >>> import kctopt
    >>> from kctopt.study.compared_text import compare
    >>> sweep = kctopt.open("studies/tight.duckdb")
    >>> [row["status"] for row in compare(sweep, sweep).statuses]
    ['optimal', 'infeasible']
    """
    made = SweepComparison(base, other)
    if not made.scenarios:
        names = [", ".join(dict.fromkeys(sweep.places["scenario"])) for sweep in made.sides]
        raise UsageError(
            f"{base.path} has the scenarios {names[0]}, {other.path} has {names[1]}: none is in both; "
            "compare studies of one scenario each, or with scenarios of the same name"
        )
    return made
