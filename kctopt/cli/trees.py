"""Tree files in `kctopt schema`, `check` and `show`."""

from __future__ import annotations

from typing import Any

import rich_click as click

from kctopt.cli.errors import fault_records
from kctopt.cli.output import OutputOptions, say
from kctopt.errors import ScenarioErrors
from kctopt.language import translate


def is_tree(source: str) -> bool:
    """Whether a tree is meant, not a scenario or a study."""
    from kctopt.recourse.load import is_tree

    return is_tree(source)


def tree_record(source: str, lang: str) -> tuple[dict[str, Any], list[str], str, ScenarioErrors | None]:
    """What `check` says of a tree: as data, notes, one line, faults."""
    from kctopt.recourse.load import load_tree
    from kctopt.recourse.shown import size
    from kctopt.scenario.told import told

    tree, error = None, None
    try:
        tree = load_tree(source, lang)
    except ScenarioErrors as faults:
        error = faults
    notes = [] if tree is None else [told(note, lang) for note in tree.notes]
    record = {
        "schema_version": 1, "tree": tree.name if tree else source, "ok": error is None, "notes": notes,
        "faults": fault_records(error, lang),
    }  # fmt: skip
    line = "" if tree is None else translate("{source}: ok. {size}", lang, source=source, size=size(tree, lang))
    return record, notes, line, error


def show_tree(source: str, out: OutputOptions) -> None:
    """Print what a tree asks, and its states."""
    from kctopt.recourse.load import load_tree
    from kctopt.recourse.shown import short
    from kctopt.scenario.told import told

    tree = load_tree(source, out.lang)
    if out.json:
        out.print_json({"schema_version": 1, **tree.data()})
        return
    click.echo("\n".join(short(tree, out.lang)))
    for note in tree.notes:
        say(told(note, out.lang))
