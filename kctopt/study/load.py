"""From the path of a study file to a checked Study: scenarios, plans, uncertain inputs, correlation, sample.

Read as scenario files are: every value with file and line, all faults at once, `extends` another study. A study may
be a workbook: see workbook.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kctopt.errors import UsageError, suggest
from kctopt.language import ENGLISH, checked_lang
from kctopt.result.folder import RUN_FILE
from kctopt.scenario.bundled import bundled_files
from kctopt.scenario.files import Reading, decode
from kctopt.scenario.heads import loaded_at, text_of, texts_of
from kctopt.scenario.layers import WORKBOOKS
from kctopt.scenario.load import Loaded
from kctopt.scenario.nodes import Node, leaves, show
from kctopt.scenario.otherfile import MARKS
from kctopt.study.extended import STUDY_BOOK, STUDY_FILE, chained, entry_key, listed_in, study_path
from kctopt.study.inputs import InputReader
from kctopt.study.listed import Columns, DrawTable, read_table
from kctopt.study.places import World
from kctopt.study.records import Sample, Study, UncertainInput
from kctopt.study.sample import LISTED, draw, draws_in
from kctopt.study.sampling import check_count, read_correlation, read_sample

FEW = 4  # draws an input up to which their correlation is tried at once
TOP = re.compile(rf"^({'|'.join(sorted(MARKS['study'] | {'of'}))})[ \t]*:", re.MULTILINE)


def load_study(path: str | Path, lang: str | None = None) -> Study:
    """Load and check a study file.

    Parameters
    ----------
    path
        Name of a bundled study, path of a .yaml or .xlsx file, or a folder with a study.yaml.
    lang
        Language of its label and intent: en or zh.

    Returns
    -------
    Study
        Its scenarios loaded, its inputs in the order of the file, notes on what is left out.

    Raises
    ------
    ScenarioErrors
        All faults found, each with file and line.

    Examples
    --------
    >>> study = load_study("baseline-uncertain")
    >>> study.scenarios[0].name, study.sample.method
    ('baseline', 'sobol')
    """
    lang = ENGLISH if lang is None else checked_lang(lang)
    reading = Reading()
    files: list[Path] = []
    root = chained(study_path(path, reading), reading, files, ())
    return _StudyReader(root, files, reading, lang).study()


def bundled_studies() -> tuple[str, ...]:
    """Names of the studies that come with the package.

    Examples
    --------
    >>> "baseline-uncertain" in bundled_studies()
    True
    """
    return tuple(bundled_files("studies"))


def is_study(source: str | Path) -> bool:
    """Whether a name, path or folder means a study rather than a scenario; false where nothing can be read.

    Examples
    --------
    >>> is_study("baseline"), is_study("baseline-uncertain")
    (False, True)
    """
    if str(source) in bundled_studies():
        return True
    path = Path(source).expanduser()
    with suppress(OSError, ValueError):
        if path.is_dir():
            return any((path / name).is_file() for name in (STUDY_FILE, STUDY_BOOK)) and not any(
                (path / name).is_file() for name in ("scenario.yaml", "scenario.xlsx")
            )
        if path.suffix.lower() in WORKBOOKS and path.is_file():
            from kctopt.study.workbook import is_book

            return is_book(path.read_bytes())
        return path.is_file() and bool(TOP.search(decode(path.read_bytes()) or ""))
    return False


class _StudyReader:
    """Builds the Study of a merged file and collects what is wrong with it."""

    def __init__(self, root: Node, files: list[Path], reading: Reading, lang: str) -> None:
        self.root, self.files, self.reading, self.lang = root, files, reading, lang
        self.faults, self.notes = reading.faults, reading.notes

    def study(self) -> Study:
        """The Study. Raises ScenarioErrors with all faults."""
        given, top = self.root.value, self.root
        loaded, plans = self.scenarios(), self.plans()
        sample = read_sample(given.get("sample"), top, self.faults)
        nodes = given.get("uncertain")
        filed = nodes is None and sample is not None and sample.file
        if not filed and (nodes is None or not isinstance(nodes.value, list) or not nodes.value):
            place = top.origin if nodes is None else nodes.origin
            self.faults.add(
                place, "uncertain", "has no inputs", "such as - {path: budget, scale: {uniform: [0.9, 1.1]}}"
            )
        if not loaded:
            raise self.faults.errors()
        entries = nodes.value if nodes is not None and isinstance(nodes.value, list) else []
        worlds = [World(each.scenario) for each in loaded]
        ends = sample is not None and sample.method in ("grid", "morris")
        listed = sample is None or sample.method in LISTED
        table = None if sample is None or not sample.file else self.table(given["sample"], sample)
        if table is not None and nodes is None:
            entries = table.entries()
        reader = InputReader(worlds, self.faults, self.notes, ends=ends, listed=listed, columns=table is not None)
        inputs = reader.read(entries)
        if table is not None and sample is not None:
            inputs = self.drawn(inputs, entries, table, worlds)
            sample = replace(sample, sha256=table.sha256)
        correlation = () if self.faults and not inputs else read_correlation(
            given.get("correlation"), inputs, sample, self.faults
        )  # fmt: skip
        if sample is not None and inputs:
            check_count(sample, inputs, given["sample"], self.faults)
        name, label, intent = self.words()
        if self.faults:
            raise self.faults.errors()
        assert sample is not None
        study = Study(
            name=name, label=label, scenarios=tuple(each.scenario for each in loaded), plans=plans, inputs=inputs,
            correlation=correlation, sample=sample, notes=tuple(self.notes), intent=intent, files=tuple(self.files),
            labels=texts_of(top, "label"),
            origin={show(top, location): str(node.origin) for location, node in leaves(top)},
        )  # fmt: skip
        if correlation and draws_in(sample, inputs) <= FEW * len(inputs):
            try:
                draw(study)
            except UsageError:
                named = len({name for pair in correlation for name in pair[:2]})
                message = f"{draws_in(sample, inputs)} draws are too few to correlate {named} inputs"
                self.faults.add(given["sample"].place, "sample", message, "take a larger size")
                raise self.faults.errors() from None
        return study

    def table(self, node: Node, sample: Sample) -> DrawTable:
        """The file that the draws stand in."""
        named, sheet = node.value["file"], node.value.get("sheet")
        path = (Path(named.text or ".") / Path(sample.file).expanduser()).resolve()
        return read_table(path, self.reading, sample.sheet, (sheet or named).origin)

    def drawn(
        self, inputs: tuple[UncertainInput, ...], entries: list[Node], table: DrawTable, worlds: list[World]
    ) -> tuple[UncertainInput, ...]:
        """The inputs with the values of their columns."""
        laws = sum(entry.distribution is not None or bool(entry.values) for entry in inputs)
        if laws:
            self.notes.append(f"{table.file}: draws stand there, so that {laws} distributions of inputs are not used")
        return Columns(table, worlds, self.faults).fill(inputs, [str(entry_key(node)) for node in entries])

    def scenarios(self) -> list[Loaded]:
        """The scenarios under `of`; those that have faults are left out, with their faults noted."""
        node = self.root.value.get("of")
        children = listed_in(node)
        if not children:
            place = self.root.origin if node is None else node.place
            self.faults.add(place, "of", "names no scenario", "such as of: baseline, or a list of scenarios")
        found: dict[str, Loaded] = {}
        for child in children:
            if not isinstance(child.value, str) or not child.value.strip():
                self.faults.add(child.origin, "of", "needs the name or path of a scenario")
                continue
            loaded = loaded_at(child, Path(child.text or "."), self.faults)
            if loaded is not None and loaded.scenario.name in found:
                message = f"a second scenario of the name '{loaded.scenario.name}'"
                self.faults.add(child.origin, "of", message, "name each once; a scenario file may say name:")
            elif loaded is not None:
                found[loaded.scenario.name] = loaded
                self.notes += loaded.notes
        return list(found.values())

    def plans(self) -> tuple[str, ...]:
        """Folders of the plans that are held fixed."""
        found: dict[str, Node] = {}
        for child in listed_in(self.root.value.get("plans")):
            if not isinstance(child.value, str) or not child.value.strip():
                self.faults.add(child.origin, "plans", "needs the folder of a run", "such as runs/baseline")
                continue
            folder = Path(child.text or ".") / Path(child.value).expanduser()
            if not (folder / RUN_FILE).is_file():
                there = sorted(path.parent.name for path in folder.parent.glob(f"*/{RUN_FILE}"))
                what = f"{child.value} holds no run" if folder.is_dir() else f"no folder {child.value}"
                hint = (
                    suggest(folder.name, there, most=0) or f"solve it first: kctopt solve {self.first()} --output DIR"
                )
                self.faults.add(child.origin, "plans", what, hint)
            elif str(folder) in found:
                self.faults.add(child.origin, "plans", f"{child.value} is given twice", "keep one of the two")
            found[str(folder)] = child
        return tuple(found)

    def first(self) -> str:
        """Name of the first scenario as the file writes it."""
        return next((str(child.value) for child in listed_in(self.root.value.get("of"))), "SCENARIO")

    def words(self) -> tuple[str, str, str]:
        """Name, label and intent."""
        own = self.files[0]
        default = own.parent.name if own.name in (STUDY_FILE, STUDY_BOOK) else own.stem
        name = self.root.get("name")
        label = text_of(self.root, "label", self.lang, self.faults)
        return (
            str(default if name is None else name),
            label or str(default if name is None else name),
            text_of(self.root, "intent", self.lang, self.faults),
        )


def inputs_by_origin(study: Study) -> Iterator[tuple[str, int]]:
    """Place of each entry and how many inputs it makes."""
    counts: dict[str, int] = {}
    for entry in study.inputs:
        counts[entry.origin] = counts.get(entry.origin, 0) + 1
    yield from counts.items()
