"""From platforms to a formatted tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from . import overlay, tree
from .build import build
from .normalise import normalise
from .schemas import Schema
from .specs import Platform


def corrected(platform: Platform, *, without: int | None = None) -> tuple[Schema, list[str]]:
    """The normalised spec with the overlay applied, and what could not be normalised.

    Raises `overlay.OverlayError`.
    """
    spec = overlay.apply(platform.published, platform.overlay, without=without)
    return normalise(spec)


def compile_platform(platform: Platform, folder: Path, *, without: int | None = None) -> list[str]:
    """Writes one platform's package, not yet formatted, into `folder`; gives the findings."""
    where = f"specs/{platform.name}"
    try:
        spec, problems = corrected(platform, without=without)
    except overlay.OverlayError as error:
        return [f"{where}: {error}"]
    found = [f"{where}: {problem}" for problem in problems]
    found += build(platform, spec, folder)
    return [" ".join(finding.split()) for finding in found]


def generate(chosen: Sequence[Platform], folder: Path) -> list[str]:
    """Writes the runtime and the chosen platforms into `folder`; gives the findings."""
    findings: list[str] = []
    for platform in chosen:
        findings += compile_platform(platform, folder / platform.name)
    findings += tree.tidy(folder) if folder.exists() else []
    tree.copy_runtime(folder)
    return findings
