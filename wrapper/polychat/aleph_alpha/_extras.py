"""Packages that a few functions need and most users do not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from polychat.errors import ConfigurationError

from ._name import PLATFORM


def needed(module: str, package: str) -> Any:
    """An optional module. Raises `ConfigurationError` where its package is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ConfigurationError(
            f"{package} is not installed",
            platform=PLATFORM,
            remedy=f"pip install {package}, or pip install 'polychat[aleph-alpha]'",
        ) from error
