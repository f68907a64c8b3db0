"""Names that become folders and files: what every file system takes, and what stays inside the output folder."""

from __future__ import annotations

import re

LONGEST = 200  # bytes; file systems take 255, and files of a run add endings such as -datapackage.zip
NOT_IN_NAMES = '<>:"/\\|?*'  # separators, and what Windows does not take
RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # devices on Windows


def unfit(name: str) -> tuple[str, str] | None:
    """What keeps a name from being that of a folder on every machine, and what to do; None where nothing does."""
    wrong = "".join(dict.fromkeys(letter for letter in name if letter in NOT_IN_NAMES or not letter.isprintable()))
    size = len(name.encode(errors="surrogatepass"))
    if not name.strip():
        return "it is empty", "a run is saved under it: give it letters"
    if size > LONGEST:
        return f"as the name of a folder it takes {size} bytes", f"choose one of at most {LONGEST} bytes"
    if wrong:
        shown = " ".join(letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in wrong)
        return f"folders cannot have {shown} in their names", "use letters, digits, - and _; 'label:' takes any text"
    if name.startswith("."):
        return "it begins with a dot and would be hidden, or lead out of the folder of runs", "leave the dot out"
    if name != name.strip() or name.endswith("."):
        return "it begins or ends with a blank, or ends with a dot", "leave these out"
    if RESERVED.fullmatch(name):
        return "it is the name of a device on Windows", "choose another"
    return None
