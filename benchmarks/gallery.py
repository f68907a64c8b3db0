"""Small pictures of every figure of runs and reports, in both languages, for docs/figures.md.

    kctopt solve baseline budget-squeeze sanctions-escalation crash-programme && kctopt explain ranges runs/baseline
    python -m benchmarks.gallery runs/baseline runs/budget-squeeze runs/sanctions-escalation runs/crash-programme

The first run is drawn alone, then beside the second, then all of them side by side.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PLACES = {"en": DOCS / "figures", "zh": DOCS / "zh" / "figures"}
SIDE = ("overview", "changes", "paths", "standing")  # of reports on several runs
WIDTH = 560  # pixels of a picture


def names() -> tuple[str, ...]:
    """Every figure that kctopt draws of runs."""
    from kctopt.report.catalogue import FIGURES, RANGES

    return (*FIGURES, RANGES, "dumbbell", *SIDE)


def charts(folders: Sequence[str], lang: str) -> Iterator[tuple[str, Any]]:
    """Name and chart of every figure."""
    import kctopt
    from kctopt.report import catalogue, side
    from kctopt.report.board import board
    from kctopt.report.view import View

    results = [kctopt.open(folder) for folder in folders]
    views = [View(result, lang) for result in results]
    for name in (*catalogue.FIGURES, catalogue.RANGES):
        yield name, catalogue.chart(views[0], name)
    yield "dumbbell", catalogue.dumbbell(*views[:2])
    together = board(results, lang, attribution=False)
    for name in SIDE:
        yield name, getattr(side, name)(together)


def small(picture: bytes) -> bytes:
    """A picture of WIDTH pixels in few colours."""
    import io

    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        size = WIDTH, round(image.height * WIDTH / image.width)
        reduced = image.convert("RGB").resize(size, Image.Resampling.LANCZOS).quantize(64)
    kept = io.BytesIO()
    reduced.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def main(folders: Sequence[str]) -> None:
    """Write the pictures."""
    from kctopt.report.draw import drawn

    for lang, place in PLACES.items():
        place.mkdir(exist_ok=True)
        for name, chart in charts(folders, lang):
            (place / f"{name}.png").write_bytes(small(drawn(chart, "png")))


if __name__ == "__main__":
    main(sys.argv[1:])
