"""`kctopt verify`: does a saved run hold, from its files alone?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click
from click.exceptions import Exit

from kctopt.cli.found import offering
from kctopt.cli.helped import Command
from kctopt.cli.output import OutputOptions, common, print_text
from kctopt.cli.runs import run_folder
from kctopt.cli.said import said, said_breach
from kctopt.language import LANGUAGES

if TYPE_CHECKING:
    from kctopt.result.verify import Finding


@click.command(cls=Command)
@click.argument("source", metavar="RUN|SCENARIO", shell_complete=offering("run", "scenario"))
@common
def verify(out: OutputOptions, source: str) -> None:
    """Check a saved run from its files alone.

    The plan is simulated again and held against every rule; tables, hashes and bounds must agree. Exits with 1 and
    names what is broken if a file was changed. Of a scenario or a variant (FILE.xlsx#NAME) the newest run in runs/ is
    taken.
    """
    from kctopt.result.run import read_record
    from kctopt.result.verify import notes
    from kctopt.result.verify import verify as findings_of

    run = run_folder(source, solve=False)
    findings = findings_of(run)
    told = [_told(finding, out.lang) for finding in findings]
    if out.json:
        out.print_json({
            "schema_version": 1,
            "run_dir": str(run),
            "verified": not findings,
            "findings": [
                {"check": finding.check, "place": finding.place, "message": text}
                for finding, text in zip(findings, told, strict=True)
            ],
            "notes": [said(note, out.lang) for note in notes(run)],
        })  # fmt: skip
    elif findings:
        colon = LANGUAGES[out.lang].colon
        print_text("\n".join(f"{finding.place}{colon}{text}" for finding, text in zip(findings, told, strict=True)))
    elif (record := read_record(run))["objective"] is None:
        print_text(said(f"{run}: no file was changed. The run has no plan ({record['status']}).", out.lang))
    else:
        holds = "verified. The plan keeps every rule, is worth what is claimed, and no file was changed."
        print_text(said(f"{run}: {holds}", out.lang))
    if not out.json:
        print_text("\n".join(f"  {said(note, out.lang)}" for note in notes(run)))
    if findings:
        raise Exit(1)


def _told(finding: Finding, lang: str) -> str:
    """What a finding says: of a rule as the simulator tells it, else as files are told of."""
    told = said_breach(finding.message, lang) if finding.check == "rules" else finding.message
    return said(told, lang) if told == finding.message else told
