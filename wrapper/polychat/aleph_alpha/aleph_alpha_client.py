"""The names of the module ``aleph_alpha_client.aleph_alpha_client``."""

from __future__ import annotations

from ._async_client import AsyncClient
from ._client import Client
from .embedding import POOLING_OPTIONS
from .errors import BusyError, QuotaError
from .version import MIN_API_VERSION

__all__ = [
    "DEFAULT_REQUEST_TIMEOUT",
    "MIN_API_VERSION",
    "POOLING_OPTIONS",
    "RETRY_STATUS_CODES",
    "AsyncClient",
    "BusyError",
    "Client",
    "QuotaError",
]

RETRY_STATUS_CODES = frozenset({408, 425, 429, 500, 502, 503, 504})
DEFAULT_REQUEST_TIMEOUT = 305
"""Seconds; the host gives up after 300."""
