"""Who is calling, from the headers. Any key is known, except that `expired` no longer is."""

from __future__ import annotations

from collections.abc import Mapping

EXPIRED = "expired"


def bearer(headers: Mapping[str, str]) -> str:
    """The bearer token of `Authorization`, or ""."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def api_key(headers: Mapping[str, str]) -> str:
    """The value of the header `Api-Key`, or ""."""
    return headers.get("api-key", "").strip()
