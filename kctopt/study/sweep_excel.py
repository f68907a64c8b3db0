"""A study as one Excel workbook: what it is, quantiles with a chart, members with their inputs.

| sheet | content |
|---|---|
| Summary | what `kctopt sweep` ends with, the sample, what the quantiles are of, a chart of national security |
| Indices | quantiles of indices by year, one row an index, domain and year |
| Money | quantiles of money of each plan: the nation, domains, types, lines |
| Members | status, value, bound, gap and reason of each member, beside the values drawn for it |

Outcomes of each member by year are too many rows for a sheet: they are in the study's file, and in netCDF.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kctopt.errors import UsageError
from kctopt.language import LANGUAGES, Texts, checked_lang, translate
from kctopt.study.sweep_tables import at_random, money_quantiles, outcome_quantiles
from kctopt.table import workbook, write_rows

if TYPE_CHECKING:
    import pandas

    from kctopt.study.swept import Swept

MOST = 1_048_576  # rows of an Excel sheet
HEADS: Texts = {
    "scenario": "scenario", "outcome": "index", "domain": "domain", "type": "type", "line": "line", "plan": "plan",
    "year": "year", "unit": "unit", "members": "members", "draw": "draw", "status": "status",
    "objective": "objective", "bound": "bound", "gap": "gap", "reason": "reason", "member": "hash",
}  # fmt: skip
SHEETS: Texts = {"summary": "Summary", "indices": "Indices", "money": "Money", "members": "Members"}
HIGH = 18  # rows of a chart
SHARES = ("5%", "50%", "95%")  # of the chart


def to_excel(sweep: Swept, path: Path, lang: str = "en") -> Path:
    """Write the workbook; a file of that name is replaced as a whole.

    Parameters
    ----------
    sweep : Sweep
        As `kctopt.open` returns it.
    path : pathlib.Path
        The file.
    lang : str, default en
        Or `zh`.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    MissingExtra
        Without xlsxwriter.
    UsageError
        Where there are more members than a sheet has rows.
    WriteError
        Where it cannot be written.

    Examples
    --------
    >>> import kctopt
    >>> from pathlib import Path
    >>> from kctopt.study.sweep_excel import to_excel
    >>> to_excel(kctopt.open("studies/tight.duckdb"), Path("tight.xlsx")).name
    'tight.xlsx'
    """
    lang = checked_lang(lang)
    tables = {"indices": outcome_quantiles(sweep), "money": money_quantiles(sweep), "members": _members(sweep, lang)}
    for name, table in tables.items():
        if len(table) >= MOST:
            raise UsageError(f"{name}: {len(table):,} rows, more than a sheet of Excel holds; use netcdf")
    with workbook(path, "export excel") as book:
        sheets = {name: book.add_worksheet(translate(SHEETS[name], lang)) for name in SHEETS}
        _summary(sweep, book, sheets["summary"], tables["indices"], lang)
        for name, table in tables.items():
            _table(book, sheets[name], table, lang)
    return path


def _members(sweep: Swept, lang: str) -> pandas.DataFrame:
    """Members with the values drawn for them."""
    from kctopt.study.sweep_text import told_reason

    members = sweep.members.copy()
    members["reason"] = [told_reason(str(reason), lang) for reason in members["reason"]]
    drawn = sweep.draws.loc[members["draw"]].reset_index(drop=True)
    drawn.columns = [f"input: {name}" for name in drawn.columns]
    return members.drop(columns="member").join(drawn).assign(member=members["member"])


def _summary(sweep: Swept, book: Any, sheet: Any, indices: pandas.DataFrame, lang: str) -> None:
    sample, label = sweep.about["sample"], sweep.label(lang)
    lines = [label, *sweep.summary(lang).splitlines()]
    lines.append(
        translate("sample: {method}, {size} draws, seed {seed}", lang, method=sample["method"], size=len(sweep.draws),
                  seed=sample["seed"])
    )  # fmt: skip
    lines += about_quantiles(sweep, lang, sweep.scenarios)
    bold = book.add_format({"bold": True, "font_size": 14})
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    sheet.set_column(0, 0, 90)
    rows = indices[(indices["outcome"] == "security") & (indices["domain"] == "")]
    if len(rows):
        for number, scenario in enumerate(dict.fromkeys(rows["scenario"])):
            own = rows[rows["scenario"] == scenario]
            _chart(book, sheet, own, indices, (len(lines) + 1 + HIGH * number, sweep.label_of(scenario, lang)), lang)


def about_quantiles(sweep: Swept, lang: str, scenarios: Sequence[str]) -> list[str]:
    """What quantiles of some scenarios of a study say, and what they do not."""
    cells, lines = sweep.allocation[["scenario", "draw"]].drop_duplicates(), []
    for scenario in scenarios:
        said = translate(
            "Quantiles are over the {planned} of {members} members that have a plan, of each number by itself: those "
            "of parts do not add up to that of the whole.",
            lang, planned=int((cells["scenario"] == scenario).sum()),
            members=int((sweep.places["scenario"] == scenario).sum()),
        )  # fmt: skip
        lines.append(said if len(scenarios) == 1 else f"{scenario}{LANGUAGES[lang].colon}{said}")
    if not at_random(sweep):
        lines.append(
            translate(
                "The draws are points that were chosen, not drawn at random: the quantiles are of these points and say "
                "nothing of probability.",
                lang,
            )
        )
    return lines


def _chart(
    book: Any, sheet: Any, rows: pandas.DataFrame, table: pandas.DataFrame, place: tuple[int, str], lang: str
) -> None:  # fmt: skip
    """National security by year: the middle, and where 90 % of the members are."""
    chart, columns = book.add_chart({"type": "line"}), list(table.columns)
    first, last = 1 + int(rows.index[0]), 1 + int(rows.index[-1])
    name, year = translate(SHEETS["indices"], lang), columns.index("year")
    for share in SHARES:
        column = columns.index(share)
        chart.add_series(
            {
                "name": share, "categories": [name, first, year, last, year],
                "values": [name, first, column, last, column],
                "line": {"color": "#1f4e79", "width": 2.25 if share == "50%" else 1,
                         "dash_type": "solid" if share == "50%" else "dash"},
            }
        )  # fmt: skip
    title = translate("National security, base year without cut-off = 100", lang)
    at, scenario = place
    chart.set_title({"name": f"{scenario}{LANGUAGES[lang].colon}{title}", "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 620, "height": 330})
    sheet.insert_chart(at, 0, chart)


def _table(book: Any, sheet: Any, table: pandas.DataFrame, lang: str) -> None:
    """A table with its head; blanks stay empty cells, text never becomes a formula."""
    head = book.add_format({"bold": True, "bg_color": "#dce6f1", "bottom": 1, "text_wrap": True, "valign": "top"})
    digits = book.add_format({"num_format": "0.######"})
    styles = [digits if table[name].dtype.kind == "f" else None for name in table.columns]
    for place, name in enumerate(table.columns):
        sheet.write_string(0, place, translate(HEADS[name], lang) if name in HEADS else str(name), head)
    rows = ([None if value == "" else value for value in row] for row in table.itertuples(index=False, name=None))
    write_rows(sheet, 1, rows, styles)
    sheet.set_column(0, max(0, len(table.columns) - 1), 14)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(table)), max(0, len(table.columns) - 1))
