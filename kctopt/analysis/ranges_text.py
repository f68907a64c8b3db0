"""Ranges told: what every near-optimal plan must give, what none gives, what is open, and how far plans can differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kctopt.analysis.rounding import no_less, no_more
from kctopt.analysis.told import named
from kctopt.analysis.tolerance import PLANNING
from kctopt.language import LANGUAGES, Texts, checked_lang, money, plan_name, translate, within
from kctopt.scenario.chinese import shown_amount
from kctopt.table import grid

if TYPE_CHECKING:
    from kctopt.analysis.saved import Analysis
    from kctopt.scenario.records import Scenario

BIGGEST = 5  # differences told of an alternative
VERDICTS = ("must", "never", "may", "open")
PROGRAMMES = ("must", "dropped", "never", "launched", "open")

WORDS: Texts = {
    "head": "{name}: plans within {epsilon} % of the optimum {objective} (proven bound {bound}); {count} cells",
    "head_planning": (
        "{name}: plans within {epsilon} % of the value of planning ({room} of {yardstick} NS points) of the optimum "
        "{objective} (proven bound {bound}); {count} cells"
    ),
    "instead_nothing": "Epsilon is a share of the optimum: the plan is worth no more than the base year's shares.",
    "instead_min_budget": "Epsilon is a share of the optimum: an objective in money has no value of planning.",
    "instead_earliest": "Epsilon is a share of the optimum: an objective in years has no value of planning.",
    "instead_unlawful": (
        "Epsilon is a share of the optimum: changed as little as the rules on money ask, the base year's shares still "
        "break rules."
    ),
    "instead_own": "Epsilon is a share of the optimum: the user's own objective has no value of planning.",
    "conditional": (
        "Discrete choices stay as in the run: attained ends hold anyhow, proven ones for plans with these choices."
    ),
    "loose": "Of {count} ends attained and proven differ by over a thousandth of the money: both are given.",
    "confirmed": "Confirmed by solves pinned just inside and just outside: {good} of {all}.",
    "must": "must-fund: every such plan gives more than the rules force",
    "never": "never-fund: no such plan gives more than the rules force",
    "may": "may-fund: some give more than the rules force and others do not: {count} cells",
    "open": "open: not decided by what is attained and proven",
    "no_must": "must-fund: none; each cell can be kept to what the rules force, though not all of them at once",
    "no_never": "never-fund: none",
    "least_of": "{cell}: at least {least} {unit}, {firm} more than the rules force",
    "most_of": "{cell}: at most {most} {unit}",
    "cell": "cell, {unit}",
    "spend": "this plan",
    "least": "least",
    "most": "most",
    "rules": "rules allow",
    "verdict": "verdict",
    "verdict_must": within("verdict", "must"),
    "verdict_may": within("verdict", "may"),
    "verdict_never": within("verdict", "never"),
    "verdict_open": within("verdict", "open"),
    "alternative": (
        "Alternative {number} gives up {loss} {unit} ({percent} %) and moves {moved} % of the money: {biggest}."
    ),
    "alternative_planning": (
        "Alternative {number} gives up {loss} {unit} ({percent} % of the value of planning) and moves {moved} % of the "
        "money: {biggest}."
    ),
    "difference": "{cell} {difference}",
    "none": "No plan this close to the optimum differs from the best.",
    "programme_must": "{programme} is launched in every plan this close to the optimum (proven).",
    "programme_dropped": "{programme} can be dropped: a plan without it gives up {loss} {unit}.",
    "programme_never": "{programme} is launched in no plan this close to the optimum (proven).",
    "programme_launched": "{programme} can be launched: a plan with it gives up {loss} {unit}.",
    "programme_open": "{programme}: open; no plan of the other kind was found, and none is proven not to exist.",
    "NS points": "NS points",
    "billion CNY": "billion CNY",
}


def say(key: str, lang: str, **values: Any) -> str:
    """A phrase of the table above, filled in."""
    return translate(WORDS[key], lang, **values)


def told(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """The whole answer as text: lists, the table of ranges, alternatives, programmes."""
    checked_lang(lang)
    first = [head(analysis, scenario, lang), *(f"  {line}" for line in doubts(analysis, lang))]
    parts = [first, list(lists(analysis, scenario, lang)), _grid(analysis, scenario, lang)]
    parts += [alternatives(analysis, scenario, lang), programmes(analysis, scenario, lang)]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def head(analysis: Analysis, scenario: Scenario, lang: str) -> str:
    """How near to which optimum."""
    about, values = analysis.about, {}
    if planned(about):
        values = {name: f"{about[name]:.4f}" for name in ("room", "yardstick")}
    return say(
        "head_planning" if values else "head", lang, name=scenario.name, epsilon=f"{100 * about['epsilon']:g}",
        objective=f"{about['objective']:.4f}", bound=f"{about['bound']:.4f}",
        count=len(analysis.tables["cells"].records), **values,
    )  # fmt: skip


def planned(about: Mapping[str, Any]) -> bool:
    """Whether epsilon is a share of the value of planning; in analyses of before it was one of the objective."""
    return bool(about.get("epsilon_of") == PLANNING)


def doubts(analysis: Analysis, lang: str) -> list[str]:
    """What the answer depends on, where it is not sharp, and how the confirmation ended."""
    rows, lines = analysis.tables["cells"].records, []
    if analysis.about.get("instead"):
        lines.append(say(f"instead_{analysis.about['instead']}", lang))
    if analysis.about["conditional"]:
        lines.append(say("conditional", lang))
    loose = [
        name
        for row in rows
        for name in ("least", "most")
        if abs(row[name] - row[f"{name}_proven"]) > 1e-3 * max(1.0, row["spend"])
    ]
    if loose:
        lines.append(say("loose", lang, count=len(loose)))
    if analysis.options["confirm"]:
        answers = [
            row[f"{name}_{side}"] for row in rows for name in ("least", "most") for side in ("inside", "outside")
        ]
        lines.append(say("confirmed", lang, good=sum(map(bool, answers)), all=len(answers)))
    return lines


def lists(analysis: Analysis, scenario: Scenario, lang: str) -> Iterator[str]:
    """Must, never, may and open, each with its cells."""
    rows, unit = analysis.tables["cells"].records, say("billion CNY", lang)
    for verdict in VERDICTS:
        mine = [row for row in rows if row["verdict"] == verdict]
        if verdict == "may" and mine:
            yield say("may", lang, count=len(mine))
        elif mine:
            yield say(verdict, lang)
            for row in sorted(mine, key=lambda row: -row["firm"]):
                yield "  " + say(
                    "least_of" if verdict == "must" else "most_of", lang, cell=cell(row, scenario, lang),
                    least=_outward(row, "least_proven", lang), most=_outward(row, "most_proven", lang),
                    firm=money(row["firm"], lang), unit=unit,
                )  # fmt: skip
        elif verdict in ("must", "never"):
            yield say(f"no_{verdict}", lang)


def cell(row: Mapping[str, Any], scenario: Scenario, lang: str) -> str:
    """Domain, type and plan as words."""
    comma = LANGUAGES[lang].comma
    words = (named(kind, row[kind], scenario, lang) for kind in ("domain", "type"))
    return f"{comma.join(words)} {plan_name(row['plan'], lang)}"


def _grid(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """The table of ranges."""
    lines = [
        [
            cell(row, scenario, lang), money(row["spend"], lang), _end(row, "least", lang), _end(row, "most", lang),
            f"{_outward(row, 'rules_least', lang)} – {_outward(row, 'rules_most', lang)}",
            say(f"verdict_{row['verdict']}", lang),
        ]
        for row in analysis.tables["cells"].records
    ]  # fmt: skip
    header = [say("cell", lang, unit=say("billion CNY", lang))]
    header += [say(name, lang) for name in ("spend", "least", "most", "rules", "verdict")]
    return grid(header, lines, left=(0, 5))


def _outward(row: Mapping[str, Any], end: str, lang: str) -> str:
    """An end that no plan goes beyond, rounded so that none goes beyond what is printed."""
    return money((no_more if "least" in end else no_less)(row[end], places=1), lang)


def _end(row: Mapping[str, Any], name: str, lang: str) -> str:
    """An end of a range, so that it holds as printed: what is proven, as in the lists, rounded outwards.

    Where what is attained differs from it by what can be seen, that comes first, rounded inwards, but never past the
    run's plan, which attains its own amount.
    """
    inward, nearer = (no_less, min) if name == "least" else (no_more, max)
    proven = _outward(row, f"{name}_proven", lang)
    if abs(row[name] - row[f"{name}_proven"]) <= 1e-3 * max(1.0, row["spend"]):
        return proven
    attained = money(nearer(inward(row[name], places=1), f"{row['spend']:.1f}", key=float), lang)
    return proven if attained == proven else attained + LANGUAGES[lang].aside(proven)


def alternatives(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """A sentence for each alternative."""
    about, differences = analysis.about, analysis.tables["differences"].records
    lines = []
    for row in analysis.tables["alternatives"].records:
        mine = [difference for difference in differences if difference["alternative"] == row["alternative"]][:BIGGEST]
        biggest = [
            say(
                "difference",
                lang,
                cell=cell(difference, scenario, lang),
                difference=money(difference["difference"], lang, "+.1f"),
            )
            for difference in mine
        ]
        share = 100 * row["loss"] / about["yardstick"] if planned(about) else row["loss_percent"]
        lines.append(say(
            "alternative_planning" if planned(about) else "alternative", lang, number=row["alternative"],
            loss=_loss(row, about, lang), unit=say(about["unit"], lang), percent=f"{share:.2f}",
            moved=f"{row['moved_percent']:.1f}", biggest=translate("; ", lang).join(biggest),
        ))  # fmt: skip
    if not lines and analysis.options["alternatives"]:
        lines.append(say("none", lang))
    return lines


def programmes(analysis: Analysis, scenario: Scenario, lang: str) -> list[str]:
    """A sentence for each programme."""
    return [
        say(
            f"programme_{row['verdict']}", lang, programme=named("programme", row["programme"], scenario, lang),
            loss="" if row["loss"] is None else _loss(row, analysis.about, lang),
            unit=say(analysis.about["unit"], lang),
        )
        for row in analysis.tables["programmes"].records
    ]  # fmt: skip


def _loss(row: Mapping[str, Any], about: Mapping[str, Any], lang: str) -> str:
    """What a plan gives up, in the unit of the objective."""
    return shown_amount(f"{row['loss']:.2f}", about["unit"], lang)
