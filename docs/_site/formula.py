"""Formulas as the code writes them, set as MathML when the site is built.

The pages and the docstrings hold one text, `C[i,t] = sum_r omega_r k[i,r,t]`, which reads well on a code host too. Here
it becomes MathML, which browsers draw themselves: nothing is loaded and no script runs. The notation:

    x[i,t]  x_i  x_{n-1}    subscripts, also several        x^a  x^(1-mu)       exponents
    lambda  Omega  eps      Greek letters                   xbar  xt  xmax      bar, tilde, superscript
    sum_i  prod_j           sums and products               <=  >=  !=  ->      relations
    two blanks or more      a gap; a column where every line of the formula has one
    words                   text
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.sax.saxutils import escape

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

NAMES = "alpha beta gamma delta eps eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega Lambda Omega"
GREEK = dict(zip(NAMES.split(), "αβγδεηθικλμνξρστφχψωΛΩ", strict=True))
KEYS = Path(__file__).parents[1] / "keys.md"
RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠", "->": "→", "...": "…", "*": "·", "-": "−", "'": "′"}
MARKED = {"xt": ("x", "~"), "xe": ("x", "e"), "xbar": ("x", "¯"), "ybar": ("y", "¯"), "ubar": ("u", "¯")}
MARKED |= {name + "max": (name, "max") for name in ("y", "S", "C")}
OPERATORS = {"sum": "∑", "prod": "∏", "max": "max", "min": "min", "in": "∈"}
NAME = re.compile(r"[A-Za-z]+\d*-?(?=[,\]]|$)|[A-Za-z]+\d*|\d+(?:\.\d+)?|φ")
PROSE = re.compile(r"(?:a (?=[a-z]{2}))?[A-Za-z']{2,}(?: (?:a (?=[a-z]{2}))?[A-Za-z']{2,}(?![\w\[(^]))*")
SIGN = re.compile(r"<=|>=|!=|->|\.\.\.|\S")
CLOSING = {"[": "]", "(": ")", "{": "}"}


def columns(lines: list[str]) -> list[int]:
    """Places, after a gap, at which every line has something."""
    starts = [{match.end() for match in re.finditer(r"\S(?:  +)(?=\S)", line)} for line in lines]
    return sorted(set.intersection(*starts)) if len(lines) > 1 else []


def mathml(text: str) -> str:
    """A formula of one or more lines as one MathML element."""
    lines = text.strip("\n").splitlines()
    cuts = [0, *columns(lines), None]
    rows = [[row(line[a:b]) for a, b in pairwise(cuts)] for line in lines]
    body = "".join("<mtr>" + "".join(f"<mtd>{cell}</mtd>" for cell in cells) + "</mtr>" for cells in rows)
    return f'<math display="block"><mtable displaystyle="true">{body}</mtable></math>'


def row(text: str) -> str:
    """What stands on one line, or between two brackets."""
    parts, at = [], 0
    while at < len(text):
        if text[at] == " ":
            end = at + len(text[at:]) - len(text[at:].lstrip())
            parts.append('<mspace width="2em"/>' if end - at > 1 else '<mspace width="0.17em"/>')
            at = end
        else:
            part, at = atom(text, at)
            parts.append(part)
    return f"<mrow>{''.join(parts)}</mrow>"


def atom(text: str, at: int) -> tuple[str, int]:
    """The symbol, text or sign at a place, with its subscripts and exponent, and the place after it."""
    prose = PROSE.match(text, at)
    if prose and is_prose(prose[0], text[prose.end() : prose.end() + 1]):
        spaced = prose[0] if " " not in prose[0] else f" {prose[0]} "
        return f"<mtext>{escape(spaced)}</mtext>", prose.end()
    name = NAME.match(text, at)
    if name is None:
        found = SIGN.match(text, at)
        assert found is not None
        sign = found[0]
        return with_exponent(f'<mo stretchy="false">{escape(RELATIONS.get(sign, sign))}</mo>', text, found.end())
    word = re.match(r"[a-z]{3,}_[a-z]{3,}(?:_[a-z]+)*", text[at:])  # a setting, such as carry_share
    if word and word[0].partition("_")[0] not in {*GREEK, "sum", "prod"}:
        return with_exponent(f"<mtext>{word[0]}</mtext>", text, at + word.end())
    below, at = subscripts(text, name.end())
    if name[0] in OPERATORS:
        sign = f"<mo>{OPERATORS[name[0]]}</mo>"
        return (f"<munder>{sign}{below}</munder>" if below else sign), at
    return with_exponent(symbol(name[0], below), text, at)


def is_prose(words: str, after: str) -> bool:
    """Whether words are text and not a symbol."""
    if " " in words:
        return words.split()[0] not in {*GREEK, "sum", "prod", "max", "min"} and not words.split()[0].isupper()
    return words not in {*GREEK, *MARKED, *OPERATORS} and words.islower() and after not in {"_", "[", "^"}


def subscripts(text: str, at: int) -> tuple[str, int]:
    """All subscripts at a place, as one, and the place after them."""
    found = []
    while at < len(text) and text[at] in "_[":
        if text[at : at + 2] == "_{" or text[at] == "[":
            start = text.index(text[at] if text[at] == "[" else "{", at)
            end = closing(text, start)
            found.append(row(text[start + 1 : end]))
            at = end + 1
        else:
            name = NAME.match(text, at + 1)
            assert name is not None, text
            below, at = subscripts(text, name.end()) if text[name.end() : name.end() + 1] == "_" else ("", name.end())
            found.append(symbol(name[0], below))
    comma = '<mo separator="true">,</mo>'
    return (f"<mrow>{comma.join(found)}</mrow>" if found else ""), at


def with_exponent(base: str, text: str, at: int) -> tuple[str, int]:
    """The base with the exponent that follows, if one does."""
    if text[at : at + 1] != "^":
        return base, at
    if text[at + 1] == "(":
        end = closing(text, at + 1)
        return f"<msup>{base}{row(text[at + 2 : end])}</msup>", end + 1
    name = NAME.match(text, at + 1)
    assert name is not None, text
    below, end = subscripts(text, name.end())
    return f"<msup>{base}{symbol(name[0], below)}</msup>", end


def symbol(name: str, below: str = "") -> str:
    """A letter, Greek letter, abbreviation, word or number; digits at its end are a subscript."""
    letters, digits, dash = re.fullmatch(r"(\D*?)(\d*(?:\.\d+)?)(-?)", name).groups()  # type: ignore[union-attr]
    if not letters:
        return f"<mn>{name}</mn>"
    if digits:
        below = f'<mrow><mn>{digits}</mn><mo separator="true">,</mo>{below}</mrow>' if below else f"<mn>{digits}</mn>"
    plain, mark = MARKED.get(letters, (letters, "−" if dash else ""))
    base = f"<mi>{GREEK.get(plain, plain)}</mi>"
    if mark in {"~", "¯"}:
        base, mark = f'<mover accent="true">{base}<mo stretchy="false">{mark}</mo></mover>', ""
    if mark:
        above = f"<mo>{mark}</mo>" if mark == "−" else f"<mi>{mark}</mi>"
        return f"<msubsup>{base}{below}{above}</msubsup>" if below else f"<msup>{base}{above}</msup>"
    return f"<msub>{base}{below}</msub>" if below else base


def closing(text: str, start: int) -> int:
    """The place of the bracket that closes the one at `start`."""
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] == text[start]) - (text[at] == CLOSING[text[start]])
        if depth == 0:
            return at
    raise ValueError(f"a bracket is open: {text}")


class Formula(Directive):
    """A fence of the kind `formula`."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """One element for the whole fence."""
        drawn = mathml("\n".join(self.content))
        return [nodes.raw("", f'<div class="formula">{drawn}</div>', format="html")]


def set_symbols(app: Sphinx, document: nodes.document) -> None:
    """In tables of symbols, set them as the formulas are, and lead from the name of a value to its key."""
    keys = re.findall(r"^\| `([^`]+)`", KEYS.read_text(encoding="utf-8").replace("[…]", ""), re.MULTILINE)
    for table in document.findall(nodes.tgroup):
        rows = [list(line.findall(nodes.entry)) for line in table.findall(nodes.row)]
        columns = {head.astext(): [line[place] for line in rows[1:]] for place, head in enumerate(rows[0])}
        if "symbol" not in columns:
            continue
        for cell in columns["symbol"]:
            fill(cell, "".join(f"<math>{row(word)}</math> " for word in cell.astext().split()))
        for cell in columns.get("name", []):
            name = re.split(r"[,*]", cell.astext())[0]  # `knowledge.*` stands for all that begin so
            if "." in name and any(key.startswith(name) for key in keys):
                section = name.partition(".")[0].replace("_", "-")
                fill(cell, f'<a href="../keys.html#{section}">{escape(cell.astext())}</a>')


def fill(cell: nodes.entry, html: str) -> None:
    """Put HTML into a cell, in place of what it holds."""
    cell.children = [nodes.paragraph("", "", nodes.raw("", html, format="html"))]


def setup(app: Sphinx) -> dict[str, bool]:
    """Make Sphinx know the fence."""
    app.add_directive("formula", Formula)
    app.connect("doctree-read", set_symbols)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
