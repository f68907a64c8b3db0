"""Chapters on what was asked: the question, the assumptions that differ from the model, and the appendix of all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import PurePosixPath
from typing import Any

from kctopt.language import ENGLISH, LANGUAGES, percent
from kctopt.report.content import Block, Points, Section, Text
from kctopt.report.inputs import input_name
from kctopt.report.view import View, budget
from kctopt.result.own_text import objective_text, told, written
from kctopt.result.provenance import ends, source_of, sources_of, text, values
from kctopt.result.text import spent
from kctopt.scenario.chinese import shown_amount
from kctopt.scenario.records import BandPolicy, SharePolicy, Source, SpendPolicy, TargetPolicy
from kctopt.scenario.shown import shown_value
from kctopt.scenario.sourced import source_words
from kctopt.scenario.told import told_place
from kctopt.table import Table, column

Policy = Any  # one of the records above
SettingKey = tuple[str, str, tuple[str, str, str, str, str]]  # path, place, what is said of the source


def question(view: View) -> Section:
    """What the scenario asks, of which model, by which rules."""
    scenario, result = view.scenario, view.result
    horizon, aim = scenario.horizon, scenario.objective
    blocks: list[Block] = [Text(view.text("intent", intent=intent))] if (intent := scenario.asks(view.lang)) else []
    scope = view.text(
        "scope", name=view.title or scenario.name, model=scenario.model or "–", budget=budget(result, ENGLISH),
        first=horizon.years[0], last=horizon.last_year, lines=len(scenario.lines), domains=len(scenario.domains),
    )  # fmt: skip
    terminal = view.text("terminal", weight=f"{aim.terminal:g}") if aim.terminal else ""
    own_aim = result.own.objective is not None
    aims = [
        view.text("aim_own", text=objective_text(result.own))
        if own_aim
        else view.text(f"aim_{aim.kind}", discount=f"{aim.discount:g}", terminal=terminal)
    ]
    if result.budget_scale is not None:
        aims.append(view.text("found_scale", scale=percent(result.budget_scale, view.lang)))
    if result.year is not None:
        aims.append(view.text("found_year", year=result.year))
    blocks.append(Text(view.space.join([scope, *aims])))
    if scenario.policies:
        items = [
            view.text("rule_named", id=policy.id) + view.colon + policy_text(view, policy)
            for policy in scenario.policies
        ]
        blocks += [Text(view.text("policies") + view.colon), Points(items)]
    else:
        blocks.append(Text(view.text("no_policies")))
    if result.own:
        blocks += [
            Text(view.text("own_parts")),
            Points([*told(result.own, view.lang), *written(result.own, view.lang)]),
        ]
    return Section("question", view.text("question"), blocks)


def policy_text(view: View, policy: Policy) -> str:
    """A rule of the user in words."""
    match policy:
        case SpendPolicy():
            return view.text(
                f"policy_{policy.kind}", amount=f"{policy.amount:,g}", per=view.text(f"per_{policy.per}"),
                what=_selected(view, policy), years=policy.years or view.text("all_years"),
            )  # fmt: skip
        case SharePolicy():
            limits = [("at_least", policy.min), ("at_most", policy.max)]
            told = [view.text(key, share=percent(share, view.lang)) for key, share in limits if share is not None]
            years = policy.years or view.text("all_years")
            return view.text("policy_share", limits=view.joined(told), what=_selected(view, policy), years=years)
        case TargetPolicy():
            soft = view.text("soft", price=f"{policy.price:g}") if policy.soft else ""
            key, limit = (
                ("ratio", policy.min_ratio) if policy.min_ratio is not None else ("dependency", policy.max_dependency)
            )
            return view.text(
                f"policy_target_{key}",
                what=_selected(view, policy),
                limit=percent(limit or 0.0, view.lang),
                by=policy.by,
                soft=soft,
            )
        case BandPolicy():
            what = view.joined([view.label("lines", line) for line in policy.lines])
            return view.text(
                "policy_band", what=what, limit=f"{policy.width:g}", years=policy.years or view.text("all_years")
            )
    raise TypeError(f"no words for a policy of kind {policy.kind}")


def _selected(view: View, policy: Policy) -> str:
    """The lines a rule speaks of."""
    parts = [
        view.label(kind, chosen) for kind, chosen in (("domains", policy.domain), ("lines", policy.line)) if chosen
    ]
    parts += [view.text(chosen) for chosen in (policy.type, getattr(policy, "track", None)) if chosen]
    if getattr(policy, "rung", None):
        parts.append(view.label("rungs", policy.rung))
    return LANGUAGES[view.lang].dot.join(parts) if parts else view.text("all_lines")


@dataclass(frozen=True)
class Setting:
    """A value of the scenario, those of several years together, and where it comes from."""

    path: str
    value: str
    unit: str
    source: str
    year: str
    grade: str
    spread: str  # published range
    note: str
    parent: str  # figure and source that the value took the place of, where no source is stated
    origin: str


def settings(view: View) -> list[Setting]:
    """Every value of the scenario, a series by year in one row."""
    sources, origin = sources_of(view.scenario.provenance), view.result.origin
    groups: dict[SettingKey, list[tuple[str, str, str]]] = {}
    parents: dict[SettingKey, list[tuple[str, Source]]] = {}
    for given in values(view.scenario):
        names = [step.text for step in given.steps]
        year = names.pop() if names[-1].isdigit() else ""
        path = ".".join(names)
        source = source_of(given, sources)
        said = ("", "", "", "", "") if source is None else (
            source.source, source.year, source.grade, _spread(view, source, given.unit), source.note
        )  # fmt: skip
        key = path, origin.get(f"{path}.{year}" if year else path, ""), said
        groups.setdefault(key, []).append((year, text(given.value), given.unit))
        if source is not None and source.parent_value is not None:
            parents.setdefault(key, []).append((year, source))
    rows = []
    for key, points in groups.items():
        path, at, (source_text, year, grade, spread, note) = key
        seen = [
            (year, shown_amount(shown_value(path, value, view.lang), unit, view.lang)) for year, value, unit in points
        ]
        shown = _listed(seen, view)
        told, parent = source_words(source_text, view.lang), _parent(view, parents.get(key, []), points[0][2])
        rows.append(Setting(path, shown, points[0][2], told, year, grade, spread, note, parent, at))
    return rows


def _spread(view: View, source: Source, unit: str) -> str:
    """The range that a source states, in words."""
    low, high = ends(source)
    return (
        ""
        if isnan(low)
        else view.text(
            "range", low=shown_amount(f"{low:.6g}", unit, view.lang), high=shown_amount(f"{high:.6g}", unit, view.lang)
        )
    )


def _parent(view: View, points: list[tuple[str, Source]], unit: str) -> str:
    """Figures that a user's took the place of, with their source: `460.1 (a communique, 2025)`."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for year, given in points:
        told = source_words(given.parent_source or "", view.lang)
        value = shown_amount(str(given.parent_value), unit, view.lang)
        groups.setdefault(told, []).append((year, value))
    written = LANGUAGES[view.lang]
    return written.semicolon.join(
        _listed(values, view) + (written.aside(source) if source else "") for source, values in groups.items()
    )


def _listed(points: list[tuple[str, str]], view: View) -> str:
    """Values, each with its year where it has one."""
    written = LANGUAGES[view.lang]
    return written.clause.join(f"{year}{written.colon}{value}" if year else value for year, value in points)


def differing(view: View) -> list[Setting]:
    """Values that a scenario file or the command line sets, not the model or a default.

    Empty where no model was read: a scenario in one file, or one made in Python, does not say what it changes.
    """
    folder = model_folder(view.result.inputs)
    if not folder:
        return []
    inside = "default", f"{folder}/"
    silent = ("model", "model_sha256", "schema_version", "name", "label", "intent")
    return [
        row for row in settings(view) if row.origin and not row.origin.startswith(inside) and row.path not in silent
    ]


def model_folder(inputs: Mapping[str, str]) -> str:
    """Folder of the model among the files that were read; empty when there is none."""
    return next((str(PurePosixPath(file).parent) for file in inputs if PurePosixPath(file).name == "model.yaml"), "")


def assumptions(view: View) -> Section:
    """The settings that make this scenario another than its model, by name, with grade and source."""
    rows = differing(view)
    known = bool(model_folder(view.result.inputs))
    blocks: list[Block] = [Text(view.text("no_assumptions" if known else "unknown_assumptions"))]
    if rows:
        headings = ("setting", "value", "unit", "grade", "source", "note")
        cells = [
            (input_name(view, row.path), row.value, view.unit(row.unit), view.grade(row.grade), cited(row), row.note)
            for row in rows
        ]
        table = Table(view.text("assumptions_table"), [column(view.text(name)) for name in headings], cells)
        blocks = [Text(view.text("assumptions_lead", count=len(rows))), table]
    return Section("assumptions", view.text("assumptions"), blocks)


def changed(view: View, name: str, number: int) -> Iterator[Section]:
    """Appendix: the settings that differ from the model, with what they took the place of and where they are set."""
    rows = differing(view)
    if rows:
        title = view.text("appendix_changed", title=name)
        yield Section(f"changed-{number}", title, _settings_blocks(view, title, rows))


def cited(row: Setting) -> str:
    """A source with its year."""
    return f"{row.source} ({row.year})" if row.source and row.year and row.year not in row.source else row.source


def appendix(view: View) -> Section:
    """Every assumption with source, grade and place; then the sources."""
    rows = settings(view)
    folder = model_folder(view.result.inputs)
    lead = view.text("appendix_lead", count=len(rows))
    if folder:
        lead += view.space + view.text("appendix_folder", folder=folder)
    blocks = [Text(lead), *_settings_blocks(view, view.text("appendix_table"), rows)]
    return Section("appendix", view.text("appendix"), blocks)


def appendix_of_other(view: View, first: View, number: int) -> Section:
    """The settings in which a further run differs from the first."""
    known = {(row.path, row.value) for row in settings(first)}
    rows = [row for row in settings(view) if (row.path, row.value) not in known]
    title = view.text("appendix_other", title=view.title, first=first.title)
    return Section(f"appendix-{number}", title, _settings_blocks(view, title, rows), level=3)


def _settings_blocks(view: View, caption: str, rows: list[Setting]) -> list[Block]:
    """A table of settings whose sources are numbers, and the list of these sources."""
    numbers = {source: n for n, source in enumerate(dict.fromkeys(cited(row) for row in rows if row.source), 1)}
    folder = model_folder(view.result.inputs)
    headings = ("setting", "value", "unit", "grade", "spread", "source_number", "parent", "origin")
    cells = [
        (
            input_name(view, row.path), row.value, view.unit(row.unit), view.grade(row.grade), row.spread,
            f"[{numbers[cited(row)]}]" if row.source else "", row.parent,
            told_place(row.origin, view.lang).removeprefix(f"{folder}/"),
        )
        for row in rows
    ]  # fmt: skip
    used = [place for place in range(len(headings)) if place < 2 or any(row[place] for row in cells)]
    table = Table(
        caption,
        [column(view.text(headings[place])) for place in used],
        [tuple(row[place] for place in used) for row in cells],
    )
    sources = Table(
        view.text("sources_table"),
        [column(view.text("source_number")), column(view.text("source"))],
        [(f"[{number}]", source) for source, number in numbers.items()],
    )
    return [table, sources] if numbers else [table]


def record(views: Sequence[View], names: Sequence[str]) -> Section:
    """How the runs were computed: command, time, versions, hashes of the inputs."""
    first = views[0]
    columns = [column(first.text("item")), column(first.text("value"))]
    rows: dict[tuple[str, str], None] = {}  # what is the same in several runs once
    for view, name in zip(views, names, strict=True):
        rows |= dict.fromkeys(_record_rows(view, name if len(views) > 1 else ""))
    return Section("record", first.text("record"), [Table(first.text("record_table"), columns, list(rows))])


def _record_rows(view: View, name: str) -> Iterator[tuple[str, str]]:
    """Items of one run; those that are its own begin with its name, where it has one."""
    result, own = view.result, f"{name}{view.colon}" if name else ""
    yield view.text("command"), result.command or "–"
    yield own + view.text("created"), result.created
    yield view.text("versions"), ", ".join(f"{name} {version}" for name, version in result.versions.items())
    yield own + view.text("seconds"), spent(result, view.lang)
    for file, digest in result.inputs.items():
        yield view.text("scenario_hash", file=file), digest
