"""A long list: CPU an object."""

from __future__ import annotations

from benchmarks.adapters import open_sync
from benchmarks.measure import Case, Check, Context, Meter, Metrics, against_all
from benchmarks.payloads import MODELS


def models(subject: str, context: Context) -> Metrics:
    """Lists of 2,000 models as typed objects, of each of which the id is read."""
    lists = context.size(30, 10)
    client = open_sync(subject, context.url)
    client.models()
    with Meter() as meter:
        for _ in range(lists):
            ids = client.models()
            if len(ids) != MODELS or ids[-1] != f"vendor/model-{MODELS - 1:04d}":
                raise AssertionError(f"{len(ids)} models came")
    client.close()
    return meter.per(lists * MODELS)


CASES = (
    Case(
        "models",
        f"An object of a list of {MODELS:,} models, sync",
        models,
        against_all(
            (Check("polychat", "cpu", "us/object", 0.9, "httpx"),),
            ("openai", "aidial-client"),
            "cpu",
            "us/object",
            "httpx",
        ),
    ),
)
