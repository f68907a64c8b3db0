"""The Chinese pages in docs/zh/ beside the English ones: which sections changed since they were translated.

Above each heading of a Chinese page stands which English section it translates, and a hash of that section:

    <!-- en: The run folder 3f2a91c0 -->

`python tests/translations.py docs/zh/results.md` writes the present hashes into a page, once it says what the English
page says; it adds a hash where a mark has none yet.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
ENGLISH_ONLY = {"model", "calibration", "benchmarks", "embedding", "keys", "python"}  # for modellers and programmers
MARK = re.compile(r"^<!-- en: (.+?)(?: ([0-9a-f]{8}))? -->$", re.MULTILINE)


def sections(text: str) -> dict[str, str]:
    """Hash of every section of the first and second level, by heading."""
    parts: dict[str, list[str]] = {}
    heading, fenced = "", False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if not fenced and re.match(r"##? ", line):
            heading = line.lstrip("# ")
        parts.setdefault(heading, []).append(line.rstrip())
    return {name: hashlib.sha256("\n".join(lines).strip().encode()).hexdigest()[:8] for name, lines in parts.items()}


def missing() -> list[str]:
    """English pages for planners without a Chinese one."""
    names = sorted(path.name for path in DOCS.glob("*.md") if path.stem not in ENGLISH_ONLY)
    return [f"docs/{name} has no translation docs/zh/{name}" for name in names if not (DOCS / "zh" / name).is_file()]


def stale(page: Path) -> list[str]:
    """What is wrong with a Chinese page, a sentence each."""
    here, source = f"docs/zh/{page.name}", DOCS / page.name
    if not source.is_file():
        return [f"{here} translates docs/{page.name}, which is gone"]
    now = sections(source.read_text(encoding="utf-8"))
    then = dict(MARK.findall(page.read_text(encoding="utf-8")))
    faults = [f"{here}: '{name}' of docs/{page.name} is not translated" for name in now if name not in then]
    faults += [f"{here}: '{name}' is no longer a section of docs/{page.name}" for name in then if name not in now]
    changed = [name for name in now if name in then and now[name] != then[name]]
    return faults + [f"{here}: '{name}' of docs/{page.name} changed since it was translated" for name in changed]


def mark(page: Path) -> None:
    """Write the present hashes of the English sections into a page."""
    now = sections((DOCS / page.name).read_text(encoding="utf-8"))
    text = page.read_text(encoding="utf-8")
    page.write_text(MARK.sub(lambda m: f"<!-- en: {m[1]} {now.get(m[1], '00000000')} -->", text), encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        mark(Path(name))
    pages = sorted((DOCS / "zh").glob("*.md"))
    print(
        "\n".join([*missing(), *(fault for page in pages for fault in stale(page))])
        or "all translations are up to date"
    )
