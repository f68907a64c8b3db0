"""A report as one HTML file: no script, no outside request, readable with keyboard and screen reader.

Figures are static SVG (about 35 kB each, against 900 kB for the Vega runtime), so the content security policy forbids
scripts altogether.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from importlib import resources

from kctopt.language import LANGUAGES, SHARE, translate
from kctopt.report.content import Block, Figure, Points, Section, Story, Text
from kctopt.report.draw import drawn
from kctopt.report.words import WORDS
from kctopt.table import Table


def page(story: Story) -> str:
    """The report as an HTML document."""
    style = resources.files("kctopt.report").joinpath("report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    body = "\n".join(_body(story))
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGES[story.lang].html}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(story.title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _word(story: Story, key: str, **values: object) -> str:
    return escape(translate(WORDS[key], story.lang, **values))


def _body(story: Story) -> Iterator[str]:
    contents = _word(story, "contents")
    yield f'<a class="skip" href="#report">{_word(story, "skip")}</a>'
    yield f"<header><h1>{escape(story.title)}</h1><p>{escape(story.subtitle)}</p></header>"
    yield f'<nav aria-label="{contents}"><h2>{contents}</h2><ul>'
    yield from (
        f'<li class="level{section.level}"><a href="#{escape(section.id)}">{escape(section.title)}</a></li>'
        for section in story.sections
    )
    yield '</ul></nav>\n<main id="report" tabindex="-1">'
    writer = _HtmlWriter(story)
    for section in story.sections:
        yield from writer.section(section)
    yield "</main>"


class _HtmlWriter:
    """Writes sections and numbers figures and tables through the report."""

    def __init__(self, story: Story) -> None:
        self.story, self.figures, self.tables = story, 0, 0

    def section(self, section: Section) -> Iterator[str]:
        tag = f"h{section.level}"
        yield f'<{tag} id="{escape(section.id)}">{escape(section.title)}</{tag}>'
        for block in section.blocks:
            yield from self.block(block)

    def block(self, block: Block) -> Iterator[str]:
        match block:
            case Text():
                note = ' class="warning"' if block.tone == "warning" else ""
                yield f"<p{note}>{_held(block.text)}</p>"
            case Points():
                yield "<ul>" + "".join(f"<li>{_held(item)}</li>" for item in block.items) + "</ul>"
            case Table():
                yield from self.table(block)
            case Figure():
                yield from self.figure(block)

    def figure(self, figure: Figure) -> Iterator[str]:
        self.figures += 1
        number, colon = _word(self.story, "figure", number=self.figures), LANGUAGES[self.story.lang].colon
        caption = _word(
            self.story,
            "numbered",
            number=translate(WORDS["figure"], self.story.lang, number=self.figures),
            caption=figure.caption,
        )
        svg = inline(drawn(figure.chart, "svg").decode(), f"f{self.figures}", figure.description)
        yield f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"
        yield f"<details><summary>{number}{colon}{_word(self.story, 'numbers')}</summary>"
        yield from self.rows(figure.table, f"f{self.figures}t", f"{number}{colon}{escape(figure.table.title)}")
        yield "</details>"

    def table(self, table: Table) -> Iterator[str]:
        self.tables += 1
        number = translate(WORDS["table"], self.story.lang, number=self.tables)
        yield from self.rows(
            table, f"t{self.tables}", _word(self.story, "numbered", number=number, caption=table.title)
        )

    def rows(self, table: Table, id: str, caption: str) -> Iterator[str]:
        """A table under a caption; those of figures have no number of their own, as PDF and Word leave them out."""
        yield f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{id}">'
        yield f'<table><caption id="{id}">{caption}</caption><thead><tr>'
        kinds = [' class="number"' if column.numeric else "" for column in table.columns]
        for kind, column in zip(kinds, table.columns, strict=True):
            heading = escape(column.label)
            yield f'<th scope="col"{kind}>{heading}</th>' if heading else f"<td{kind}></td>"
        yield "</tr></thead><tbody>"
        for first, *rest in table.shown():
            cells = "".join(f"<td{kind}>{broken(cell)}</td>" for kind, cell in zip(kinds[1:], rest, strict=True))
            yield f'<tr><th scope="row">{broken(first)}</th>{cells}</tr>'
        yield "</tbody></table></div>"


def broken(text: str) -> str:
    """A cell whose long names may be broken at dots, slashes and brackets."""
    joint = r"(?<=[\w\]])(?!(?<=\d)\.\d)([./_\[])(?=\w)"  # not inside a number
    return re.sub(joint, r"<wbr>\1", escape(text)) if len(text) > 24 else escape(text)


def _held(text: str) -> str:
    """A sentence whose percentages stay on one line."""
    return SHARE.sub("&nbsp;%", escape(text))


def inline(svg: str, prefix: str, description: str) -> str:
    """An SVG to stand inside a page: one picture with a description, ids that clash with no other."""
    start = svg.index("<svg")
    svg = re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", svg[start:])
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(description)}"', 1)
