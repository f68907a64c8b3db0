"""Makes the font of reports anew: `python -m benchmarks.make_font NotoSansCJK-Regular.ttc` (needs fonttools).

Takes Noto Sans CJK SC out of the collection, keeps the letters that `kctopt.report.fonts.shipped` lists, gives it a
name of its own, and writes it beside OFL.txt. The same source gives the same bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

from kctopt.report.fonts import FAMILY, FILE, shipped

SOURCE = "Noto Sans CJK SC"
NAMES = {1: FAMILY, 3: "kctopt 1 Regular", 4: FAMILY, 6: FILE.stem}
TEXTS = [0, 1, 2, 3, 4, 5, 6, 13, 14]  # copyright, names, version, licence


def main(source: Path) -> None:
    font = next(one for one in TTCollection(source).fonts if one["name"].getDebugName(4) == SOURCE)
    font.recalcTimestamp = False
    options = Options(hinting=False, layout_features=["kern", "locl", "ccmp"], name_IDs=TEXTS, notdef_outline=True)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[ord(letter) for letter in shipped()])
    subsetter.subset(font)
    rename(font)
    font.save(FILE)
    print(f"{FILE.name}: {len(font.getBestCmap())} letters, {FILE.stat().st_size} bytes")


def rename(font: TTFont) -> None:
    for record in font["name"].names:
        if record.nameID in NAMES:
            record.string = NAMES[record.nameID]
    tops = font["CFF "].cff
    tops.fontNames = [FILE.stem]
    tops[0].FullName, tops[0].FamilyName = FAMILY, FAMILY


if __name__ == "__main__":
    main(Path(sys.argv[1]))
