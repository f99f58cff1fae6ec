"""Log lines of the logger ``polychat``: what was sent and what came, never a credential or body.

DEBUG has a line for every attempt and answer, INFO one for every retry.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from polychat_rest.secret import Secret

from .headers import sensitive

log = logging.getLogger("polychat")


def shown(headers: Mapping[str, Any]) -> dict[str, str]:
    """Headers fit for a log: credentials, whoever gave them, as a mask."""
    return {
        name: "***" if sensitive(name) or isinstance(value, Secret) else str(value)
        for name, value in headers.items()
    }
