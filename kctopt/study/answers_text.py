"""What a sweep says, for people: each part with its sentences and its main table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import pandas as pd

from kctopt.language import LANGUAGES, Texts, checked_lang, plan_name, translate, within
from kctopt.result.text import word
from kctopt.scenario.records import TRACKS, TYPES
from kctopt.scenario.told import message_words
from kctopt.study.analyses import OBJECTIVE, can_be_asked
from kctopt.study.discovery import Discovery
from kctopt.study.indices import MAIN, Indices
from kctopt.study.optima import SHARES, Gaps
from kctopt.study.stability import Stability
from kctopt.study.words import renamed
from kctopt.terminal import grid

Told: TypeAlias = Any  # Answers, whose module imports this one
TITLES: Texts = {
    "indices": "Sensitivity of {outcome}",
    "ranks": "Ranks by {by}",
    "gaps": "Gap to the rival by line, each draw with the plan that is best there",
    "boxes": "Worlds in which {outcome} is {side}",
    "regret": "Plans held fixed in every draw",
}
HEADS: Texts = {
    "input": "input", "low": "from", "high": "to", "index": "index", "item": "item", "top": "in the top",
    "mean_rank": "mean rank", "share_5": "share 5 %", "share_50": "50 %", "share_95": "95 %", "verdict": "funded",
    "must": "always", "may": "sometimes", "never": "never", "open": within("verdict", "open"),
    "line": "line",
    "plan": within("held", "plan"), "kept": "keeps rules", "maximin": "worst", "laplace": "mean",
    "cvar": "CVaR {confidence} %",
    "savage": "largest regret", "percentile_regret": "regret {percentile} %", "satisficing": "satisficing",
}  # fmt: skip
BY: Texts = {"domain": "domain", "type": "type", "line": "line", "plan": "plan", "track": "track"}


def text(answers: Told, lang: str = "en") -> str:
    """What `kctopt analyse` prints."""
    checked_lang(lang)
    about, members = answers.sweep.about, answers.sweep.members
    lines = [
        translate(
            "{name}: {members} members, sample {sample}, gap {gap}", lang, name=about["name"],
            members=f"{len(members):,}", sample=about["sample"]["method"], gap=f"{about['gap']:g}",
        )
    ]  # fmt: skip
    for scenario, parts in answers.parts.items():
        if len(answers.parts) > 1:
            lines += ["", f"— {scenario} —"]
        for name, part in parts.items():
            named = _named(part, answers, scenario, lang) if isinstance(part, Stability | Gaps) else part
            lines += ["", title(answers, name, lang), *_part(named, lang, answers.asked)]
    return "\n".join([*lines, "", *_hints(answers, lang)])


def title(answers: Told, name: str, lang: str) -> str:
    """What a part is of."""
    asked = answers.asked
    outcome = translate("the objective", lang) if asked.outcome == OBJECTIVE else str(asked.outcome)
    outcome = " ".join(filter(None, [outcome, asked.domain or "", "" if asked.year is None else str(asked.year)]))
    sides = []
    if asked.below is not None:
        sides.append(translate("below {value}", lang, value=f"{asked.below:g}"))
    if asked.above is not None:
        sides.append(translate("above {value}", lang, value=f"{asked.above:g}"))
    either = translate("{one} or {other}", lang, one=sides[0], other=sides[1]) if len(sides) > 1 else "".join(sides)
    return translate(
        TITLES[name],
        lang,
        outcome=outcome,
        by=" × ".join(translate(BY[name], lang) if name in BY else name for name in asked.by),
        side=either,
    )


def _part(part: Any, lang: str, asked: Any) -> Iterator[str]:
    """Sentences and a table, or why there is nothing."""
    if isinstance(part, str):
        yield "  " + message_words(lang).told(part)
        return
    yield from (f"  {sentence}" for sentence in part.sentences(lang))
    if isinstance(part, Discovery):
        return
    if isinstance(part, Indices):
        head, rows = _indices(part, lang)
    elif isinstance(part, Stability):
        head, rows = _ranks(part, lang)
    elif isinstance(part, Gaps):
        head, rows = _gaps(part, lang)
    else:
        head, rows = _measures(part, lang, asked)
    yield ""
    yield from grid(head, rows)


def _named(part: Stability | Gaps, answers: Told, scenario: str, lang: str) -> Stability | Gaps:
    """Ranks and gaps by what people call domains, types, lines, plans and tracks."""
    labels = answers.sweep.table("labels")
    known = {row.id: getattr(row, lang) for row in labels[labels["scenario"] == scenario].itertuples()}
    known |= {key: word(key, lang) for key in (*TYPES, *TRACKS)}
    if isinstance(part, Gaps):
        labels_of = {str(line): str(known.get(line, line)) for line in part.table["line"].unique()}
        table = part.table.assign(line=part.table["line"].map(labels_of))
        return replace(part, table=table, notes=tuple(renamed(note, labels_of) for note in part.notes))
    between = " " if LANGUAGES[lang].cases else LANGUAGES[lang].dot
    names = {}
    for item in part.table.index:
        ids = [str(one) for one in item] if isinstance(item, tuple) else [str(item)]
        names[" ".join(ids)] = between.join(known.get(one) or plan_name(one, lang) for one in ids)
    table = part.table.set_axis(pd.Index(list(names.values())), axis=0)
    return replace(part, table=table, notes=tuple(renamed(note, names) for note in part.notes))


def _word(key: str, lang: str, **values: Any) -> str:
    return translate(HEADS[key], lang, **values)


def _number(value: Any, form: str) -> str:
    return "–" if pd.isna(value) else format(value, form).replace("-", "−")


def _indices(part: Indices, lang: str) -> tuple[list[str], list[list[str]]]:
    main = MAIN[part.method]
    columns = [name for name in (main, f"{main}_low", f"{main}_high") if name in part.table]
    heads = [main, _word("low", lang), _word("high", lang)][: len(columns)]
    rows = [[str(name), *(_number(row[column], ".3f") for column in columns)] for name, row in part.table.iterrows()]
    return [_word("input", lang), *heads], rows


def _ranks(part: Stability, lang: str) -> tuple[list[str], list[list[str]]]:
    shares = ["top", "share_5", "share_50", "share_95"]
    rows = []
    for item, row in part.table.iterrows():
        top, *rest = (f"{100 * row[name]:.0f}{LANGUAGES[lang].percent}" for name in shares)
        rows.append([str(item), top, f"{row['mean_rank']:.1f}", *rest, _word(str(row["verdict"]), lang)])
    heads = ("item", "top", "mean_rank", "share_5", "share_50", "share_95", "verdict")
    return [_word(head, lang) for head in heads], rows


def _gaps(part: Gaps, lang: str) -> tuple[list[str], list[list[str]]]:
    """Quantiles of each line at the end of the last planned year, the furthest behind first."""
    percent = LANGUAGES[lang].percent
    end = part.end.sort_values("50%", ascending=False, kind="stable")
    rows = [
        [str(line), *(_number(100 * row[share], ".1f") + percent for share in SHARES)] for line, row in end.iterrows()
    ]
    return [_word("line", lang), *(share.replace("%", percent) for share in SHARES)], rows


def _measures(part: Any, lang: str, asked: Any) -> tuple[list[str], list[list[str]]]:
    """The main measures of each plan; regret by its upper end, which is proven."""
    table = part.measures.table
    cvar = next(name for name in table if str(name).startswith("cvar_lower"))
    columns = ["maximin", "laplace", cvar, "savage_high", "percentile_regret_high"]
    columns += ["satisficing"] if "satisficing" in table else []
    heads = [
        _word("plan", lang), _word("kept", lang), _word("maximin", lang), _word("laplace", lang),
        _word("cvar", lang, confidence=f"{100 * asked.confidence:g}"), _word("savage", lang),
        _word("percentile_regret", lang, percentile=f"{100 * asked.percentile:g}"),
        *([_word("satisficing", lang)] if "satisficing" in table else []),
    ]  # fmt: skip
    rows = [
        [str(plan), f"{100 * part.plans.loc[plan, 'kept']:.0f}{LANGUAGES[lang].percent}",
         *(_number(row[column], ".4f" if "regret" in column or "savage" in column else ".2f") for column in columns)]
        for plan, row in table.iterrows()
    ]  # fmt: skip
    return heads, rows


def _hints(answers: Told, lang: str) -> Iterator[str]:
    """What else can be asked."""
    known = can_be_asked(answers.sweep)
    yield translate("What else can be asked:", lang)
    if not any("boxes" in parts for parts in answers.parts.values()):
        yield "  " + translate(
            "where an outcome fails, as boxes of the inputs: --outcome NAME --year YEAR --below X or --above X", lang
        )
    yield "  " + translate("indices of another outcome: --outcome {names}", lang, names=_few(known["outcomes"], lang))
    yield "  " + translate("ranks by {names}: --by, two with a comma", lang, names=_few(known["by"], lang))
    yield "  " + translate(
        "another plan against these: --plan RUN; a value that is enough: --threshold X; tables and boxes: -o FOLDER",
        lang,
    )


def _few(names: Sequence[str], lang: str, most: int = 8) -> str:
    return LANGUAGES[lang].comma.join([*names[:most], *(["…"] if len(names) > most else [])])
