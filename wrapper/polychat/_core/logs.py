"""Log lines of the logger ``polychat``: what was sent and what came, never a credential or body.

DEBUG has a line for every attempt and answer, INFO one for every retry.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from polychat_rest.secret import Secret

from .headers import sensitive

if TYPE_CHECKING:
    from logging import Logger


@cache
def logger() -> Logger:
    """The logger. The module logging is loaded when the first request is sent."""
    import logging

    return logging.getLogger("polychat")


def tracer() -> Logger | None:
    """The logger, where its DEBUG lines are wanted."""
    log = logger()
    return log if log.isEnabledFor(10) else None


def shown(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers fit for a log: credentials, whoever gave them, as a mask."""
    return {
        name: "***" if sensitive(name) or isinstance(value, Secret) else str(value)
        for name, value in headers.items()
    }
