"""Check the built site: `python docs/_site/check.py build/docs`. Ends with 1 and names what is wrong.

A reader without a network must see everything: no page, style sheet or image names another host for something the
browser loads by itself. Links inside the site lead to a file and a place in it, and the Chinese search knows the terms.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}  # without a click
TERMS = {
    "差距": "glossary",
    "影子价格": "glossary",
    "遗憾值": "glossary",
    "保护带技术": "glossary",
    "下限": "scenario-files",
}


class Page(HTMLParser):
    """What a page loads, where it links to, and the places in it that can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the attributes that matter."""
        values = {name: value or "" for name, value in attrs}
        self.places |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if values.get(LOADED.get(tag, "")) and values.get("rel") not in {
            "canonical",
            "index",
            "search",
            "next",
            "prev",
        }:
            self.loads.append(values[LOADED[tag]])


def outside(address: str) -> bool:
    """Whether an address is on another host."""
    return bool(urlsplit(address).netloc)


def faults(site: Path) -> Iterator[str]:
    """Everything that is wrong, a sentence each."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        here = path.relative_to(site)
        yield from (f"{here} loads {address}" for address in page.loads if outside(address))
        yield from (f"{here} links to {link}: {fault}" for link in page.links if (fault := broken(path, link, pages)))
    for path in sorted(site.rglob("*.css")):
        found = re.findall(r"(?:url\(|@import)\s*[\"']?((?:https?:)?//[^\"')\s]+)", path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)} loads {address}" for address in found)
    yield from unfound(site / "zh")
    yield from unsaid(site / "zh" / "_static")


def broken(path: Path, link: str, pages: dict[Path, Page]) -> str:
    """Why a link of a page leads nowhere; empty if it leads somewhere."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return "" if parts.scheme == "https" else "not https"
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return "no such file"
    known = pages.get(target)
    place = unquote(parts.fragment)
    return "no such place" if known and place and place not in known.places else ""


def unfound(site: Path) -> Iterator[str]:
    """Terms that the search does not know, or does not find on their page."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index = json.loads(text.removeprefix("Search.setIndex(").rstrip(");\n"))
    for term, name in TERMS.items():
        found = [index[part].get(term, []) for part in ("terms", "titleterms")]
        numbers = [number for one in found for number in (one if isinstance(one, list) else [one])]
        if name not in {index["docnames"][number] for number in numbers}:
            yield f"the search does not find {term} on zh/{name}"


def unsaid(static: Path) -> Iterator[str]:
    """What the search of the Chinese pages would say in English."""
    scripts = {name: static / f"{name}.js" for name in ("searchtools", "translations", "zh")}
    text = {name: path.read_text(encoding="utf-8") for name, path in scripts.items() if path.is_file()}
    told = text.get("translations", "") + text.get("zh", "")
    for one in re.findall(r'(?:\b_|ettext)\(\s*"([^"]+)"', text.get("searchtools", "")):
        if f'"{one}":' not in told:
            yield f"the search of the Chinese pages says in English: {one}"


if __name__ == "__main__":
    wrong = list(faults(Path(sys.argv[1]).resolve()))
    print("\n".join(wrong) or "the site holds: nothing from outside, no broken link, the search knows Chinese terms")
    sys.exit(bool(wrong))
