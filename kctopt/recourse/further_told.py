"""What was asked for beside the plan, in sentences and tables for people."""

from __future__ import annotations

from kctopt.language import LANGUAGES, Texts, percent, translate
from kctopt.recourse.decided import Decided
from kctopt.recourse.further import orders
from kctopt.recourse.odds import Odds, Switch
from kctopt.terminal import grid

SENTENCES: Texts = {
    "shortfall": "Whatever the probability of the state {state} (now {now}), this plan falls short of the best by no "
    "more than {bound} NS points.",
    "always": "It stays within the gap at every probability of {state}.",
    "within": "It is proven to stay within the gap for a probability of {state} from {low} to {high}.",
    "switch": "Between a probability of {low} and {high} of {state}, {second} passes {first} in the first plan.",
    "waiting": "Deciding {part} only when the course is known would be worth {value} NS points (proven between {low} "
    "and {high}), and no line of it more.",
    "price": "In {course}, the first plan would rather have more of {more} and less of {less}: a billion CNY moved "
    "from one to the other would be worth {price} NS points more there than on average.",
}  # fmt: skip


def asked(done: Decided, lang: str) -> list[str]:
    """A sentence for each answer."""
    said = [line for one in done.further.odds for line in _of_odds(done, one, lang)]
    if done.further.prices:
        said += _of_prices(done, lang)
    names = _names(done, lang)
    for wait in done.further.waiting:
        value, low, high = (f"{one:.4f}" for one in (wait.value.value, wait.value.low, wait.value.high))
        said.append(translate(SENTENCES["waiting"], lang, part=names[wait.part], value=value, low=low, high=high))
    return said


def _names(done: Decided, lang: str) -> dict[str, str]:
    """Lines and domains as people call them."""
    scenario = done.tree.scenario
    found = {line.id: line.label.text(lang) for line in scenario.lines}
    return found | {domain.id: domain.label.text(lang) for domain in scenario.domains}


def _of_odds(done: Decided, one: Odds, lang: str) -> list[str]:
    state = next(each.label for each in done.tree.states if each.name == one.state)
    low, high = one.stays
    shortfall = translate(
        SENTENCES["shortfall"], lang, state=state, now=percent(one.home, lang), bound=f"{one.shortfall.high:.4f}"
    )
    ends = {"low": percent(low, lang), "high": percent(high, lang)}
    whole = low <= 0 and high >= 1
    stays = translate(SENTENCES["always" if whole else "within"], lang, state=state, **({} if whole else ends))
    return [f"{shortfall}{LANGUAGES[lang].space}{stays}", *(_switch(done, each, state, lang) for each in one.switches)]


def _switch(done: Decided, each: Switch, state: str, lang: str) -> str:
    names = _names(done, lang)
    first, second = orders(each)
    return translate(
        SENTENCES["switch"], lang, state=state, first=names[first],
        second=names[second], low=percent(each.low, lang), high=percent(each.high, lang),
    )  # fmt: skip


def _of_prices(done: Decided, lang: str) -> list[str]:
    """The lines of the highest and the lowest price in every course, before the first branch."""
    names, records = _names(done, lang), done.table("prices").records
    said = []
    for course in done.courses:
        rows = [row for row in records if row["course"] == course.leaf.name and row["price"] is not None]
        first = [row for row in rows if row["years"] == rows[0]["years"]]
        high, low = (end(first, key=lambda row: row["price"]) for end in (max, min))
        text = translate(
            SENTENCES["price"], lang, course=course.leaf.label, more=names[high["line"]], less=names[low["line"]],
            price=f"{high['price'] - low['price']:.4f}",
        )  # fmt: skip
        said.append(text)
    return said


def further(done: Decided, lang: str) -> list[list[str]]:
    """Prices by line and course, for the years before the first branch."""
    if not done.further.prices:
        return []
    names, records = _names(done, lang), done.table("prices").records
    years = records[0]["years"]
    rows = []
    for line in done.tree.scenario.lines:
        mine = {row["course"]: row["price"] for row in records if row["line"] == line.id and row["years"] == years}
        shown = (mine[course.leaf.name] for course in done.courses)
        rows.append([names[line.id], *("–" if price is None else f"{price:.4f}" for price in shown)])
    head = translate("a billion CNY more in {years}, NS points above the mean", lang, years=years)
    return [grid([head, *(course.leaf.label for course in done.courses)], rows)]
