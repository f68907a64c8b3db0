"""The front as a figure: objectives against each other, and the money of the points that are brushed."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

from kctopt.fronts.goals import MONEY
from kctopt.fronts.told import GOALS
from kctopt.language import money_number, translate, within
from kctopt.report.draw import altair
from kctopt.report.plot import offline
from kctopt.report.style import CONFIG, INK, WIDTH

if TYPE_CHECKING:
    from kctopt.fronts.drawn import Drawn

PALE, KNEE = "#C9C9C9", "#D55E00"
HEIGHT = 260  # pixels


def chart(front: Drawn, lang: str) -> Any:
    """Points by pairs of objectives, joined in their order; a brush over them chooses whose money is shown."""
    alt = altair()
    names = {goal.key: translate(GOALS[goal.key], lang) for goal in front.goals}
    records = []
    for n, point in enumerate(front.front.points, 1):
        values = {
            goal.key: money_number(goal.shown(float(value)), lang) if goal.unit == MONEY else goal.shown(float(value))
            for goal, value in zip(front.goals, point.z, strict=True)
        }
        records.append({"point": n, "knee": n == front.knee, **values})
    brush = alt.selection_interval(name="brush")
    pairs = list(combinations(names, 2))
    panels = [_panel(alt, records, (second, first), names, brush, len(pairs)) for first, second in pairs]
    top = alt.hconcat(*panels, spacing=20)
    said = translate(
        "The front of {scenario}: drag over points to see their money.", lang, scenario=front.scenario.name
    )
    whole = alt.vconcat(top, _money(alt, front, records, brush, lang), spacing=20)
    return offline(whole.configure(**CONFIG).properties(description=said, title={"text": said}))


def _panel(
    alt: Any, records: list[dict[str, Any]], axes: tuple[str, str], names: dict[str, str], brush: Any, count: int
) -> Any:  # fmt: skip
    """One pair of objectives."""
    across, up = axes
    base = alt.Chart(alt.Data(values=records), width=(WIDTH - 40) // count - 40, height=HEIGHT).encode(
        x=alt.X(f"{across}:Q", title=names[across], scale=alt.Scale(zero=False)),
        y=alt.Y(f"{up}:Q", title=names[up], scale=alt.Scale(zero=False)),
    )
    shown = [
        alt.Tooltip("point:Q"),
        *(alt.Tooltip(f"{key}:Q", title=name, format=",.2f") for key, name in names.items()),
    ]
    colour = alt.condition(brush, alt.value(INK), alt.value(PALE))
    points = base.mark_circle(size=60, opacity=1).encode(color=colour, tooltip=shown).add_params(brush)
    ring = base.mark_point(size=160, color=KNEE, strokeWidth=2).transform_filter("datum.knee")
    line = [base.mark_line(color=PALE)] if count == 1 else []
    return alt.layer(*line, points, ring)


def _money(alt: Any, front: Drawn, records: list[dict[str, Any]], brush: Any, lang: str) -> Any:
    """Mean money by domain of the points that are brushed."""
    labels = {domain.id: domain.label.text(lang) for domain in front.scenario.domains}
    values = {record["point"]: record for record in records}
    rows = [
        {**values[row["point"]], "domain": labels[row["domain"]], "amount": money_number(row["amount"], lang)}
        for row in front.table("money").records
    ]
    return (
        alt.Chart(alt.Data(values=rows), width=WIDTH - 180, height=24 * len(labels))
        .mark_bar(color=INK)
        .encode(
            x=alt.X("mean(amount):Q", title=translate(within("front", "money of all years, billion CNY, mean of the "
                    "points chosen"), lang)),
            y=alt.Y("domain:N", title=None, sort=list(labels.values())),
        )
        .transform_filter(brush)
    )  # fmt: skip
