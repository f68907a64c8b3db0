"""A report as a Word document: real headings and captions, repeated table heads, descriptions on pictures."""

from __future__ import annotations

import datetime
import io
from typing import Any

from kctopt.extras import need
from kctopt.language import LANGUAGES, translate
from kctopt.report.content import Block, Figure, Points, Story, Text
from kctopt.report.draw import drawn
from kctopt.report.layout import breakable, widths
from kctopt.report.words import WORDS
from kctopt.table import Table

LATIN, CHINESE = "Arial", "Microsoft YaHei"  # Word and LibreOffice take another font where these are missing
PAGE, FIRST = 17.0, 13.0  # cm of text, and of the figure of page one
WHOLE = 16  # rows of a table that is not split over two pages, its head among them
TABLES, CELL = "Light Shading", "Table Cell"
LONGEST = 255  # letters of a property of the document


def content(story: Story, created: str = "") -> bytes:
    """The report as a .docx file. Raises MissingExtra when python-docx is missing."""
    need(["report docx"])
    import docx

    document = docx.Document()
    _prepare(document, story, created)
    document.add_heading(story.title, 0)
    document.add_paragraph(story.subtitle)
    writer = _WordWriter(document, story.lang)
    for number, section in enumerate(story.sections):
        document.add_heading(section.title, section.level - 1)
        for block in section.blocks:
            writer.block(block)
        if number == 0 and len(story.sections) > 1:  # page one stands alone; the contents follow it
            _contents(document, story)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _prepare(document: Any, story: Story, created: str) -> None:
    """Paper, fonts, language and properties."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2)
    page.top_margin, page.bottom_margin = Cm(1.6), Cm(1.4)
    for name in ("Normal", "Title", "Heading 1", "Heading 2", "TOC Heading", "Caption", "List Bullet"):
        style = document.styles[name]
        style.font.name = LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(attribute), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
    document.styles["Normal"].font.size = Pt(10)
    flow = document.styles["Normal"].paragraph_format
    flow.space_after, flow.line_spacing = Pt(4), Pt(13.5)  # page one stays one page, whatever font is found
    document.styles["Title"].font.size = Pt(18)
    document.styles["Title"].paragraph_format.space_after = Pt(6)
    for name, size, before in (("Title", 22, 0), ("Heading 1", 18, 14), ("Heading 2", 16, 10)):
        heading = document.styles[name].paragraph_format
        heading.line_spacing, heading.space_before = Pt(size), Pt(before)
    cell = document.styles.add_style(CELL, WD_STYLE_TYPE.PARAGRAPH)
    cell.base_style, cell.font.size = document.styles["Normal"], Pt(7.5)
    layout = cell.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(1), Pt(1), Pt(10)
    caption = document.styles["Caption"].font
    caption.size, caption.bold, caption.color.rgb = Pt(9), False, RGBColor(0x40, 0x40, 0x40)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-GB")  # of Latin letters; with zh-CN words would break anywhere
        language.set(qn("w:eastAsia"), "zh-CN")
    for shade in document.styles[TABLES].element.iter(qn("w:shd")):  # every second row, in a grey that prints
        shade.attrib.clear()
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), "F0F0F0")
    about = document.core_properties
    about.title, about.language, about.author = _short(story.title), LANGUAGES[story.lang].document, "kctopt"
    about.comments = _short(story.subtitle)
    if created:
        about.created = about.modified = datetime.datetime.fromisoformat(created).replace(tzinfo=None)


def _contents(document: Any, story: Story) -> None:
    """A list of headings on a new page, as a field that Word fills with pages when it is asked to update it."""
    title = document.add_paragraph(translate(WORDS["contents"], story.lang), style="TOC Heading")
    title.paragraph_format.page_break_before = True
    titles = [section.title for section in story.sections if section.level == 2]
    _field(document.add_paragraph(), r'TOC \o "1-1" \h \z \u', "\n".join(titles))


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    """A field of Word, with the text that it shows until it is updated."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    def sign(kind: str) -> None:
        mark = OxmlElement("w:fldChar")
        mark.set(qn("w:fldCharType"), kind)
        paragraph.add_run()._r.append(mark)

    sign("begin")
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)
    sign("separate")
    paragraph.add_run(shown)
    sign("end")


def _short(text: str) -> str:
    """A text as a property of the document, which Word holds only so long; on the page it stands in full."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


class _WordWriter:
    """Writes blocks and numbers figures and tables."""

    def __init__(self, document: Any, lang: str) -> None:
        self.document, self.lang, self.figures, self.tables = document, lang, 0, 0

    def block(self, block: Block) -> None:
        match block:
            case Text():
                paragraph = self.document.add_paragraph()
                paragraph.add_run(block.text).bold = block.tone == "warning"
            case Points():
                for item in block.items:
                    self.document.add_paragraph(item, style="List Bullet")
            case Table():
                self.table(block)
            case Figure():
                self.figure(block)

    def caption(self, kind: str, number: int, text: str) -> Any:
        """A caption that Word numbers itself, so that an office may add and move figures and tables."""
        before, _, after = translate(WORDS[kind], self.lang).partition("{number}")
        paragraph = self.document.add_paragraph(before, style="Caption")
        _field(paragraph, rf"SEQ {kind.title()} \* ARABIC", str(number))
        paragraph.add_run(after + translate(WORDS["numbered"], self.lang, number="", caption=text))
        return paragraph

    def figure(self, figure: Figure) -> None:
        from docx.shared import Cm

        self.figures += 1
        wide = Cm(PAGE if self.figures > 1 else FIRST)
        picture = self.document.add_picture(io.BytesIO(drawn(figure.chart, "png")), width=wide)
        self.document.paragraphs[-1].paragraph_format.line_spacing = 1.0  # as high as the picture
        picture._inline.docPr.set("descr", figure.description)  # python-docx has no name for the description
        picture._inline.docPr.set("title", figure.caption)
        self.document.paragraphs[-1].paragraph_format.keep_with_next = True
        self.caption("figure", self.figures, figure.caption)

    def table(self, table: Table) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.shared import Cm, Pt

        self.tables += 1
        self.caption("table", self.tables, table.title).paragraph_format.keep_with_next = True
        rows = [
            table.heads,
            *([breakable(cell) for cell in row] for row in table.shown()),
        ]
        made = self.document.add_table(rows=len(rows), cols=len(table.columns), style=TABLES)
        made.autofit = False
        style = self.document.styles[CELL].style_id  # looked up once: python-docx searches all styles each time
        shares = widths(table, room=5)
        sizes = [Cm(PAGE * share / sum(shares)) for share in shares]
        for place, size in zip(made.columns, sizes, strict=True):
            place.width = size
        for row, texts in zip(made.rows, rows, strict=True):
            for cell, text, size, column in zip(row.cells, texts, sizes, table.columns, strict=True):
                cell.width = size
                paragraph = cell.paragraphs[0]
                paragraph._p.style = style
                paragraph.add_run(text)
                if column.numeric:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                if len(rows) <= WHOLE and texts is not rows[-1]:
                    paragraph.paragraph_format.keep_with_next = True
        _finish(made)
        self.document.add_paragraph().paragraph_format.line_spacing = Pt(4)


def _finish(table: Any) -> None:
    """Repeat the head on each page, never split a row over two, and set the first column like the others."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for number, row in enumerate(table.rows):
        properties = row._tr.get_or_add_trPr()
        for name in ("w:cantSplit", "w:tblHeader") if number == 0 else ("w:cantSplit",):
            properties.append(OxmlElement(name))
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.set(qn("w:firstColumn"), "0")
    look.set(qn("w:val"), "0420")  # the same flags as a number: first row, rows in bands
