"""`kctopt new`, `schema`, `check`, `show`: write a scenario and look at it before it is solved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.errors import fault_records
from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, common, print_text, say, spoken
from kctopt.cli.several import tell
from kctopt.cli.studies import check_record, is_study, make_study, show_study
from kctopt.cli.trees import is_tree, show_tree, tree_record
from kctopt.errors import Fault, ScenarioErrors
from kctopt.errors import place as called_place
from kctopt.language import LANGUAGES, money, translate, translate_count

if TYPE_CHECKING:
    from kctopt.scenario.load import Loaded
    from kctopt.scenario.records import Scenario

MOST = 20  # changes that `show` lists


@click.command(cls=Command)
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR|FILE.xlsx")
@click.option("--xlsx", "as_workbook", is_flag=True, help="A workbook to edit in Excel, in place of YAML.")
@click.option(
    "--from",
    "parent",
    metavar="SCENARIO",
    shell_complete=offering("scenario"),
    help="Bundled scenario to start from; with --xlsx also the path of one.  [default: baseline]",
)
@click.option("--study", "uncertain", is_flag=True, help="A study file: uncertain inputs and how they are drawn.")
@click.option(
    "--model",
    metavar="MODEL",
    shell_complete=offering("model"),
    help="A copy of a model to edit: one that comes with kctopt, or a folder.",
)
@common
def new(
    out: OutputOptions, target: Path, parent: str | None, as_workbook: bool, uncertain: bool, model: str | None
) -> None:
    """Make a study folder: a scenario to edit, its schema for the editor, a short README.

    With --xlsx, or a name that ends in .xlsx, make a workbook that Excel edits and `check` and `solve` read; --lang
    chooses its language. With --study make a study file in place of a scenario. With --model copy a model into the new
    folder, with a scenario on it.
    """
    from kctopt.scenario.new_folder import new_study

    if model is not None:
        others = {"--from": parent is not None, "--xlsx": as_workbook, "--study": uncertain}
        if refused := [name for name, given in others.items() if given]:
            raise click.UsageError(f"--model copies a model; leave out {', '.join(refused)}")
        make_model(out, target, model)
        return
    parent = parent or "baseline"
    if uncertain:
        book = as_workbook and target.suffix.lower() != ".xlsx"
        make_study(target / "study.xlsx" if book else target, parent, out)
        return
    if as_workbook or target.suffix.lower() == ".xlsx":
        from kctopt.scenario.new_workbook import write_workbook

        file = target if target.suffix.lower() == ".xlsx" else target / "scenario.xlsx"
        files = [str(write_workbook(file, parent, out.written))]
    else:
        files = [str(path) for path in new_study(target, parent=parent)]
    if out.json:
        folder = str(target if target.is_dir() else target.parent)
        out.print_json({"schema_version": 1, "folder": folder, "files": files})
    else:
        print_text("\n".join(files))
        say(f"Edit {files[0]}, then: kctopt check {files[0]}")


def make_model(out: OutputOptions, target: Path, model: str) -> None:
    """Copy a model and name the files."""
    from kctopt.scenario.new_model import new_model

    files = new_model(target, model)
    if out.json:
        out.print_json({"schema_version": 1, "folder": str(target), "files": [str(path) for path in files]})
    else:
        print_text("\n".join(str(path) for path in files))
        say(f"Edit the tables, with a row in {target / 'provenance.csv'} for each number, then: kctopt check {target}")


@click.command(cls=Command)
@click.option("--study", is_flag=True, help="Of study files.")
@click.option("--tree", is_flag=True, help="Of tree files.")
@common
def schema(out: OutputOptions, study: bool, tree: bool) -> None:
    """Print the JSON Schema of scenario files, of study files, or of tree files."""
    from kctopt.scenario.schema import scenario_schema

    if tree:
        from kctopt.recourse.schema import tree_schema

        out.print_json(tree_schema())
        return
    if study:
        from kctopt.study.schema import study_schema

        out.print_json(study_schema())
        return
    out.print_json(scenario_schema())


@click.command(cls=Command)
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO…", shell_complete=offering("scenario", "study"))
@common
def check(out: OutputOptions, scenarios: tuple[str, ...]) -> None:
    """Read scenarios, study files and tree files and name every fault, with file and line."""
    from kctopt.scenario.several import all_of
    from kctopt.scenario.told import told_faults

    found = [_said_of(source, out.lang) for given in scenarios for source in all_of(given)]
    if out.json:
        out.print_json([record for record, _, _, _ in found])
    faults: dict[Fault, None] = {}  # of a base and its variants many are the same
    for _, notes, line, error in found:
        if error is not None:
            new = [fault for fault in error.faults if fault not in faults]
            faults |= dict.fromkeys(new)
            tell([told_faults(ScenarioErrors(new), out.lang)] if new else [])
            continue
        tell(notes)
        if not out.json:
            print_text(line)
    if any(error is not None for _, _, _, error in found):
        raise Exit(ScenarioErrors.exit_code)


def _said_of(source: str, lang: str) -> tuple[dict[str, Any], list[str], str, ScenarioErrors | None]:
    """What `check` says of a scenario, a study or a tree: as data, notes, one line, faults."""
    if is_tree(source):
        return tree_record(source, lang)
    if is_study(source):
        return check_record(source, lang)
    loaded, error = _checked(source)
    record = _check_record(source, loaded, error, lang)
    line = "" if loaded is None else translate("{source}: ok. {size}", lang, source=source, size=_size(loaded, lang))
    return record, record["notes"], line, error


def _checked(source: str) -> tuple[Loaded | None, ScenarioErrors | None]:
    from kctopt.scenario.load import load

    try:
        return load(source), None
    except ScenarioErrors as error:
        return None, error


def _size(loaded: Loaded, lang: str) -> str:
    scenario = loaded.scenario
    years = scenario.horizon.years
    lines, domains, rules = len(scenario.lines), len(scenario.domains), len(scenario.policies)
    return translate_count(
        "{lines} lines in {domains} domains, {first}-{last}, {count} policy",
        "{lines} lines in {domains} domains, {first}-{last}, {count} policies",
        lang, count=rules, lines=lines, domains=domains, first=years[0], last=years[-1],
    )  # fmt: skip


def _check_record(source: str, loaded: Loaded | None, error: ScenarioErrors | None, lang: str) -> dict[str, Any]:
    from kctopt.scenario.told import told

    return {
        "schema_version": 1,
        "scenario": loaded.scenario.name if loaded else source,
        "ok": error is None,
        "notes": [told(note, lang) for note in loaded.notes] if loaded else [],
        "faults": fault_records(error, lang),
    }


@click.command(cls=Command)
@click.argument("scenario", metavar="SCENARIO", shell_complete=offering("scenario", "study", "run"))
@click.option("--resolved", is_flag=True, help="Print the whole scenario as one file that needs no other.")
@click.option("--origin", is_flag=True, help="Print every value with the file and line that set it.")
@click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Change a value first.")
@common
def show(out: OutputOptions, scenario: str, resolved: bool, origin: bool, changes: tuple[str, ...]) -> None:
    """Show a scenario: in short, resolved, or value by value with its origin; or a study's inputs, or a tree."""
    from kctopt.result.provenance import text
    from kctopt.scenario.chinese import unit_name
    from kctopt.scenario.load import dump, load
    from kctopt.scenario.shown import shown_value
    from kctopt.scenario.told import told_place

    if not changes and not resolved and is_tree(scenario):
        show_tree(scenario, out)
        return
    if not changes and not resolved and is_study(scenario):
        show_study(scenario, out, whole=origin)
        return
    loaded = load(scenario, set=parse_changes(changes))
    if out.json:
        places = {path: str(place) for path, place in loaded.origin.items()}
        data = loaded.scenario.model_dump(mode="json")
        out.print_json({"schema_version": 1, "scenario": data} | ({"origin": places} if origin else {}))
    elif origin:
        said = _sources(loaded, out.lang)
        for path, value, unit, place in _values(loaded):
            where = told_place(place, out.lang) + said.get(path, "")
            rounded = float(f"{value:.12g}") if isinstance(value, float) else value  # 575.51, not 575.5099999999999
            print_text(_line(path, shown_value(path, text(rounded), out.lang), unit_name(unit, out.lang), where))
    elif resolved:
        click.echo(dump(loaded.scenario), nl=False)  # a file
    else:
        print_text("\n".join([*short(loaded, out.lang), *_variant_lines(scenario, loaded, out.lang)]))


def _variant_lines(source: str, loaded: Loaded, lang: str) -> list[str]:
    """The variants of a workbook with their titles."""
    from kctopt.terminal import grid

    if not loaded.variants:
        return []
    rows = [[f"{source}#{name}", title[lang]] for name, title in loaded.variants.items()]
    return ["", f"  {translate('variants', lang)}", *grid([], rows, indent="    ", left=(0, 1))]


def parse_changes(texts: tuple[str, ...]) -> dict[str, str]:
    """`--set` options as paths and values; a text without = is a fault of usage."""
    from kctopt.scenario.load import overrides
    from kctopt.scenario.told import told_faults

    try:
        return overrides(texts)
    except ScenarioErrors as error:
        raise click.BadParameter(told_faults(error, spoken()), param_hint="--set") from None


def _values(loaded: Loaded) -> Iterator[tuple[str, Any, str, str]]:
    """Path, value, unit and origin of every value."""
    from kctopt.result.provenance import values

    for given in values(loaded.scenario):
        yield given.path, given.value, given.unit, str(loaded.origin.get(given.path, "default"))


def _sources(loaded: Loaded, lang: str) -> dict[str, str]:
    """What stands behind the place of a value: its range, or that the user set it without a source for the parent's."""
    from kctopt.result.provenance import source_of, sources_of, values
    from kctopt.scenario.sourced import source_words

    about: dict[str, str] = {}
    sources = sources_of(loaded.scenario.provenance)
    for given in values(loaded.scenario):
        row = source_of(given, sources)
        if row is not None and row.low is not None and row.high is not None and row.grade != "user":
            span = translate("published range {low} to {high}", lang, low=f"{row.low:.6g}", high=f"{row.high:.6g}")
            about[given.path] = f"; {span}"
    for row in loaded.scenario.provenance:
        if row.grade == "user":
            source = f", {source_words(row.parent_source, lang)}" if row.parent_source else ""
            parent = translate("parent", lang)
            had = "" if row.parent_value is None else f" ({parent}: {row.parent_value}{source})"
            about[row.path] = f"; {source_words(row.source, lang)}{had}"
    return about


def _line(path: str, value: str, unit: str, place: str) -> str:
    return f"{path} = {value} {unit}".rstrip() + f"  # {place}"


def short(loaded: Loaded, lang: str) -> list[str]:
    """What a scenario asks, in a few lines."""
    from kctopt.terminal import grid

    scenario = loaded.scenario
    label = scenario.label.text(lang)
    years = scenario.horizon.years
    budget = scenario.budget.at(years)
    control = scenario.controls.intensity.at(years)
    picked = [years[0], *(plan.last for plan in scenario.horizon.plans)]
    rows = [
        [translate("budget, billion CNY", lang), *(money(budget[year - years[0]], lang) for year in picked)],
        [translate("control intensity", lang), *(f"{control[year - years[0]]:.2f}" for year in picked)],
    ]
    model = translate(", model {name}", lang, name=scenario.model)
    lines = [
        f"{scenario.name}{LANGUAGES[lang].colon}{label}",
        f"  {scenario.asks(lang)}",
        f"  {_size(loaded, lang)}{model}",
        "",
    ]
    lines += grid(["", *map(str, picked)], rows)
    if scenario.policies:
        lines += ["", f"  {translate('policies', lang)}"]
        lines += [f"    {_rule(policy, scenario, lang)}" for policy in scenario.policies]
    changed = changed_values(loaded, lang)
    if changed:
        lines += ["", f"  {translate('set by the scenario', lang)}", *(f"    {line}" for line in changed[:MOST])]
        if len(changed) > MOST:
            lines += ["    " + translate("… and {count} more; see --origin", lang, count=len(changed) - MOST)]
    return lines


def changed_values(loaded: Loaded, lang: str = "en") -> list[str]:
    """Values set by a scenario file or the command line, not by the model; years of a series on one line."""
    from kctopt.scenario.chinese import unit_name
    from kctopt.scenario.shown import shown_value
    from kctopt.scenario.told import told_place

    groups: dict[tuple[str, str, str], list[tuple[str, Any]]] = {}
    for path, value, unit, place in _values(loaded):
        origin = loaded.origin.get(path)
        if origin is None or origin.file == "default" or Path(origin.file).suffix == ".csv" or path == "model":
            continue
        if Path(origin.file).name == "model.yaml" or path.startswith("policies["):
            continue
        name, _, year = path.rpartition(".")
        key = (name, unit, called_place(origin.file, origin.line, None, origin.sheet))
        shown = value if isinstance(value, float) else shown_value(path, value, lang)
        groups.setdefault(key if year.isdigit() else (path, unit, place), []).append((year, shown))
    return [
        _group_line(path, unit_name(unit, lang), told_place(place, lang), entries)
        for (path, unit, place), entries in groups.items()
    ]


def _group_line(path: str, unit: str, place: str, entries: list[tuple[str, Any]]) -> str:
    """One value, or the years of a series with its first and last."""
    shown = [f"{value:.6g}" if isinstance(value, float) else str(value) for _, value in entries]
    if not entries[0][0].isdigit():
        return _line(path, shown[0], unit, place)
    points = [f"{year}: {value}" for (year, _), value in zip(entries, shown, strict=True)]
    if len(points) > 4:
        points = [*points[:2], "…", points[-1]]
    return _line(path, "{" + ", ".join(points) + "}", unit, place)


def _rule(policy: Any, scenario: Scenario, lang: str) -> str:
    """A policy with what it states, without what it leaves at its default."""
    from kctopt.scenario.shown import shown_rule, shown_value

    stated = policy.model_dump(exclude_defaults=True, exclude={"id", "kind"})
    colon, comma = LANGUAGES[lang].colon, LANGUAGES[lang].clause
    kind = shown_value("policies.kind", policy.kind, lang)
    return f"{policy.id}{colon}{kind}{comma}{shown_rule(stated.items(), scenario, lang)}"
