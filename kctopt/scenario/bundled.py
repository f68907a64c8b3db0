"""The models and scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def bundled_root() -> Path:
    """Folder that holds `models/` and `scenarios/`: inside the installed package, or the source tree."""
    inside, source = PACKAGE / "_bundled", PACKAGE.parent
    if not inside.is_dir() and (source / "pyproject.toml").is_file() and (source / "models").is_dir():
        return source
    return inside


def bundled_scenarios() -> tuple[str, ...]:
    """Names of the scenarios that come with the package, `baseline` first."""
    names = sorted(path.stem for path in (bundled_root() / "scenarios").glob("*.yaml"))
    return tuple(sorted(names, key=lambda name: name != "baseline"))


def bundled_files(kind: str) -> dict[str, Path]:
    """Files of the kind that a folder below the scenarios holds, `studies` or `trees`, by name."""
    return {path.stem: path for path in sorted((bundled_root() / "scenarios" / kind).glob("*.yaml"))}


def bundled_models() -> tuple[str, ...]:
    """Names of the models that come with the package."""
    return tuple(sorted(path.parent.name for path in (bundled_root() / "models").glob("*/model.yaml")))
