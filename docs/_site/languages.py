"""Two languages, one site: contents, links from one to the other, search in Chinese.

The English pages are those of docs/, the Chinese ones those of docs/zh/; each is a Sphinx project of its own, built to
DIR and DIR/zh. Pages name each other as files (`../model.md`, `zh/results.md`), which a code host follows too.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from posixpath import dirname, relpath
from typing import Any

from sphinx.application import Sphinx
from sphinx.search.zh import SearchChinese

DOCS = Path(__file__).parents[1]
ROOT = "README"  # the page that lists all others, index.html on the site
LINK = re.compile(r"^\| \[[^\]]+\]\(((?!\.\.|https?:|zh/)[^)#]+)\.md\)", re.MULTILINE)
WORD = re.compile(r"[\u4e00-\u9fff]{2,}")


def contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Take the order of the pages from the tables that list them, a group for each heading."""
    if name == "model":
        source[0] += toctree("", LINK.findall(source[0]))
    if name == ROOT:
        for part in re.split(r"^## ", source[0], flags=re.MULTILINE)[1:]:
            source[0] += toctree(part.partition("\n")[0], LINK.findall(part))


def toctree(caption: str, pages: list[str]) -> str:
    """A hidden table of contents."""
    if not pages:
        return ""
    options = [":hidden:", *([f":caption: {caption}"] if caption else [])]
    return "\n".join(["", "```{toctree}", *options, "", *pages, "```", ""])


def links(app: Sphinx, name: str, source: list[str]) -> None:
    """Links to pages of the other language lead out of this project: give them the scheme `other`."""
    other = r"\.\./" if app.tags.has("zh") else r"zh/"
    source[0] = re.sub(rf"\]\({other}([\w/-]+)\.md(#[^)]*)?\)", r"](other:\1\2)", source[0])


def other_language(app: Sphinx, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """For the switch at the top: where this page is in the other language, or its first page."""
    if app.tags.has("zh"):
        here, there, code, label = f"zh/{name}", name, "en", "English"
    else:
        translated = (DOCS / "zh" / f"{name}.md").is_file() or name == "search"
        here, there, code, label = name, f"zh/{name}" if translated else f"zh/{ROOT}", "zh", "中文"
    url = relpath(f"{there}.html", dirname(here) or ".")
    context["other_language"] = {"url": url, "code": code, "name": label}


def index(app: Sphinx, error: Exception | None) -> None:
    """The first page under the name that servers look for."""
    if error is None and app.builder.format == "html":
        shutil.copyfile(Path(app.outdir) / f"{ROOT}.html", Path(app.outdir) / "index.html")


class Search(SearchChinese):
    """Search in Chinese that knows the terms of the glossary, and splits what is asked as it split the pages."""

    # The longest words that the index has; what it does not have stays whole, so it is found inside longer words.
    js_splitter_code = r"""
var splitQuery = (query) => {
  const known = (word) => [Search._index.terms, Search._index.titleterms].some((terms) => Object.hasOwn(terms, word));
  const words = (run) => {
    const found = [];
    for (let at = 0; at < run.length; ) {
      let size = Math.min(12, run.length - at);
      while (size > 1 && !known(run.substr(at, size))) size -= 1;
      if (size > 1) found.push(run.substr(at, size));
      at += size;
    }
    return found.length ? found : [run];
  };
  return query.split(/[^\p{Letter}\p{Number}_]+/u).filter((run) => run)
    .flatMap((run) => run.split(/([\u4e00-\u9fff]+)/)).filter((run) => run)
    .flatMap((run) => /[\u4e00-\u9fff]/.test(run) ? words(run) : [run]);
};
"""

    def init(self, options: dict[str, str]) -> None:
        """Teach jieba the terms."""
        import jieba

        jieba.setLogLevel("WARNING")
        super().init(options)
        for term in glossary():
            jieba.add_word(term)


def glossary() -> list[str]:
    """Chinese terms: the first column of the glossary."""
    rows = re.findall(r"^\| ([^|]+) \|", (DOCS / "zh" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    return [term for row in rows for term in WORD.findall(row)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Hang these on the build."""
    app.connect("source-read", contents)
    app.connect("source-read", links)
    app.connect("html-page-context", other_language)
    app.connect("build-finished", index)
    app.add_search_language(Search)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
