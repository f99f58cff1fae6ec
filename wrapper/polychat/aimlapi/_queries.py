"""The query parameters of AIMLAPI's listings, as keywords. A test holds them against the spec."""

from __future__ import annotations

from typing import Literal

from polychat._core.options import CallOptions


class ModelQuery(CallOptions, total=False):
    """What to tell of a model."""

    include: str | None
    details: Literal["1", "true"] | None


class ModelsQuery(ModelQuery, total=False):
    """Which models to list: comma-separated values, all of which must hold."""

    id: str | None
    type: str | None
    tags: str | None
    modalities: str | None
    input_modalities: str | None
    output_modalities: str | None
    capabilities: str | None


class MetricsQuery(CallOptions, total=False):
    """Of which models, by comma-separated aliases."""

    aliases: str | None


class TransactionsQuery(CallOptions, total=False):
    """Which transactions: ``from_`` and ``to`` are dates, ``cursor`` is ``next_cursor`` of the page
    before."""

    from_: str | None
    to: str | None
    direction: Literal["CHARGE", "TOPUP"] | None
    type: (
        Literal[
            "ADJUSTMENT", "BONUS", "CREDITS_EXPIRED", "INIT", "MODEL_USAGE", "PAYMENT", "REFUND"
        ]
        | None
    )
    limit: int | None
    cursor: str | None


class UsageQuery(CallOptions, total=False):
    """A period by its name or by start and end, and a key by its prefix."""

    period: str | None
    start: str | None
    end: str | None
    key_prefix: str | None


class UsageDetailQuery(UsageQuery, total=False):
    """How to group what was used; ``tz`` is an IANA time zone."""

    group_by: Literal["day", "day,model", "model"] | None
    tz: str | None


class LogsQuery(UsageQuery, total=False):
    """Which requests, and which page of them."""

    model: str | None
    status: Literal["failed", "succeeded"] | None
    limit: int | None
    offset: int | None
