"""What is said of a tree that was decided: values with their brackets, courses, money before and after the branch."""

from __future__ import annotations

from collections.abc import Iterable

from kctopt.language import LANGUAGES, Texts, money, percent, translate
from kctopt.recourse.decided import Decided
from kctopt.recourse.further_told import asked, further
from kctopt.recourse.values import Bracket
from kctopt.terminal import grid

STATUS: Texts = {
    "optimal": "optimal", "limit": "a plan, with a wider gap than asked", "infeasible": "infeasible",
    "no_plan": "no plan found in the time allowed", "interrupted": "interrupted",
    "fault": "a fault of kctopt: please report it",
}  # fmt: skip
MEASURES: Texts = {
    "expected": "expected objective", "cvar": "expected objective mixed with CVaR of the lower tail",
    "worst": "objective in the worst course", "expected_regret": "expected regret", "worst_regret": "worst regret",
}  # fmt: skip
SENTENCES: Texts = {
    "rp": "The plan for all courses of the world is worth {value} NS points on average; no plan is worth more than "
    "{bound}.",
    "evpi": "Knowing the course from the start would be worth {value} NS points more (EVPI, proven between {low} and "
    "{high}).",
    "vss": "The plan for the mean of all courses, adapted when the course is known, is worth {value} NS points less "
    "(VSS, proven between {low} and {high}).",
    "recourse": "Deciding all money now, the same in every course, is worth {value} NS points less (value of recourse, "
    "proven between {low} and {high}).",
}  # fmt: skip
HEADS: Texts = {
    "course": "course of the world", "probability": "probability", "plan": "this plan", "known": "if it were known",
    "mean": "plan for the mean",
}  # fmt: skip
PLANS: Texts = {"rp": "this plan", "ev": "plan for the mean", "worst": "plan for the worst course"}


def summary(done: Decided, lang: str) -> str:
    """What a planner reads first."""
    parts = [_head(done, lang)]
    if done.value is not None:
        parts += [_courses(done, lang), _first(done, lang), _second(done, lang), _security(done, lang)]
        parts += further(done, lang)
    return "\n\n".join("\n".join(part) for part in parts if part)


def sentences(done: Decided, lang: str) -> list[str]:
    """What it says, a sentence each."""
    said = []
    rp = done.values.get("rp")
    if rp is not None and done.bound is not None:
        said.append(translate(SENTENCES["rp"], lang, value=f"{rp.value:.4f}", bound=f"{rp.high:.4f}"))
    for name in ("evpi", "vss", "recourse"):
        one = done.values.get(name)
        if one is not None:
            value, low, high = _digits(one)
            said.append(translate(SENTENCES[name], lang, value=value, low=low, high=high))
    return said + asked(done, lang) + _missing(done, lang)


def _digits(one: Bracket) -> tuple[str, str, str]:
    """A value and its ends with as many digits as tell the ends from 0."""
    return f"{one.value:.4f}", f"{one.low:.4f}", f"{one.high:.4f}"


def _missing(done: Decided, lang: str) -> list[str]:
    """What is not known, and why."""
    labels = {course.leaf.name: course.leaf.label for course in done.courses}
    series = LANGUAGES[lang].series
    said = []
    if done.blocked:
        text = translate(
            "Even if it were known from the start, no plan keeps all rules in: {courses}.", lang,
            courses=series(labels[name] for name in done.blocked),
        )  # fmt: skip
        said.append(text)
    elif done.status == "infeasible":
        said.append(translate("Every course has a plan, but no first plan leaves one in all of them.", lang))
    if done.measure.kind != "expected" or done.value is None:
        return said
    if not done.ev_defined:
        said.append(translate("States add rules, so there is no world of the mean, and no VSS.", lang))
    elif done.ev_infeasible:
        text = translate(
            "The plan for the mean leaves no plan in: {courses}. The VSS has no bound.", lang,
            courses=series(labels.get(name, name) for name in done.ev_infeasible),
        )  # fmt: skip
        said.append(text)
    if done.committed_infeasible:
        said.append(translate("No money decided now keeps all rules in every course.", lang))
    return said


def _head(done: Decided, lang: str) -> list[str]:
    """Name, status, value and bound, what is worth what."""
    written, tree = LANGUAGES[lang], done.tree
    status = translate(STATUS[str(done.status)], lang)
    title = f"{tree.name}{written.colon}{tree.label}{written.stop}{written.space}"
    lines = [f"{title}{status}{written.clause}{done.seconds:.1f} s"]
    if done.value is not None:
        what = translate(MEASURES[done.measure.kind], lang)
        value, bound = f"{done.value:.4f}", "–" if done.bound is None else f"{done.bound:.4f}"
        gap = "–" if done.gap is None else percent(done.gap, lang, ".2g")
        said = translate(
            "{value} (this plan), {bound} (proven bound), gap {gap}", lang, value=value, bound=bound, gap=gap
        )
        lines.append(f"  {what}{written.colon}{said}")
    return lines + [f"  {line}" for line in sentences(done, lang)[bool(done.values.get("rp")) :]]


def _courses(done: Decided, lang: str) -> list[str]:
    rows = []
    for n, course in enumerate(done.courses):
        mean = done.ev_courses[n] if n < len(done.ev_courses) else None
        known = course.known.value if course.known else None
        shown = ("–" if value is None else f"{value:.4f}" for value in (course.value, known, mean))
        rows.append([course.leaf.label, percent(course.leaf.probability, lang), *shown])
    return grid([translate(text, lang) for text in HEADS.values()], rows)


def _first(done: Decided, lang: str) -> list[str]:
    """Money before the branch by domain, in this plan and others."""
    labels = {course.leaf.name: course.leaf.label for course in done.courses}
    names = [translate(PLANS[h.plan], lang) if h.plan in PLANS else labels[h.plan] for h in done.hedges]
    years = done.tree.scenario.horizon.years
    head = translate("first plan, billion CNY, {first}-{last}", lang, first=years[0], last=done.tree.branches[0] - 1)
    return _by_domain(done, [head, *names], [hedge.amounts for hedge in done.hedges], lang)


def _second(done: Decided, lang: str) -> list[str]:
    """Money from the branch on by domain, course by course."""
    records = done.table("recourse").records
    plans = {course.leaf.name: course.leaf.label for course in done.courses}
    amounts = [[row["amount"] for row in records if row["course"] == name] for name in plans]
    years = done.tree.scenario.horizon.years
    head = translate("second plan, billion CNY, {first}-{last}", lang, first=done.tree.branches[0], last=years[-1])
    return _by_domain(done, [head, *plans.values()], amounts, lang)


def _by_domain(done: Decided, heads: list[str], columns: Iterable[Iterable[float]], lang: str) -> list[str]:
    by_row = list(zip(*columns, strict=True))
    domains = done.tree.scenario.domains
    rows = [
        [domain.label.text(lang), *(money(amount, lang) for amount in row)]
        for domain, row in zip(domains, by_row, strict=True)
    ]
    return grid(heads, rows)


def _security(done: Decided, lang: str) -> list[str]:
    """National security in the years that end plans, course by course and expected."""
    records = done.table("security").records
    horizon = done.tree.scenario.horizon
    years = sorted({horizon.base_year, done.tree.branches[0] - 1, horizon.last_year})
    labels = {course.leaf.name: course.leaf.label for course in done.courses}
    labels["expected"] = translate("mean by probability", lang)
    found = {(row["course"], row["year"]): row["security"] for row in records}
    rows = [[label, *(f"{found[name, year]:.2f}" for year in years)] for name, label in labels.items()]
    return grid([translate("national security, base year = 100", lang), *map(str, years)], rows)
