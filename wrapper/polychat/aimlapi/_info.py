"""What a call cost, and under which ids AIMLAPI knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from polychat_rest.shapes import is_object


class Cost(NamedTuple):
    """What a call cost; None where AIMLAPI did not say."""

    credits: float | None
    usd: float | None


class Trace(NamedTuple):
    """The ids of an exchange: AIMLAPI's own, and the one that was sent with the request."""

    inference_id: str | None
    client_request_id: str | None


def cost_of(result: Any) -> Cost | None:
    """The credits and dollars that a result cost, None where nothing says so.

    They are in ``meta.usage`` of most answers, of finished jobs, and of the last chunk of a
    stream; otherwise in the headers ``x-aimlapi-credits-used`` and ``x-aimlapi-usd-spent``,
    which come with one-document answers only. Takes results, chunks and errors; of a stream
    itself nothing is known, so give its last chunk.
    """
    usage = _get(_get(result, "meta"), "usage")
    used, spent = _get(usage, "credits_used"), _get(usage, "usd_spent")
    headers = _headers(result)
    if used is None:
        used = _number(headers.get("x-aimlapi-credits-used"))
    if spent is None:
        spent = _number(headers.get("x-aimlapi-usd-spent"))
    return None if used is None and spent is None else Cost(used, spent)


def trace_of(result: Any) -> Trace:
    """The ids of the exchange behind a result, a stream or an error: what support asks for."""
    headers = _headers(result)
    return Trace(headers.get("x-inference-id"), headers.get("x-client-request-id"))


def _headers(result: Any) -> Mapping[str, str]:
    info = getattr(result, "__response__", None)
    headers: Any = getattr(result if info is None else info, "headers", None)
    return cast("Mapping[str, str]", headers) if isinstance(headers, Mapping) else {}


def _get(value: Any, name: str) -> Any:
    if is_object(value):
        return value.get(name)
    return getattr(value, name, None)


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None
