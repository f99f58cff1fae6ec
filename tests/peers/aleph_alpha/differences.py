"""Where polychat.aleph_alpha does otherwise than aleph-alpha-client 11.5.1, why, and which test of
tests/aleph_alpha holds what it does. Everything else in the script is the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    why: str
    test: str
    part: str
    """``gave``: the results differ. ``sent``: the requests do."""
    cases: tuple[str, ...]
    colours: tuple[str, ...] = ("sync", "async")


# A colour of the old client that lacks a method: ours is held against the other colour's.
MISSING = {
    "sync": {"chat_with_streaming", "complete_with_streaming"},
    "async": {"embeddings"},
}

_NULLS = (
    "semantic_embed: symmetric", "semantic_embed: document", "semantic_embed: query",
    "semantic_embed: compressed", "semantic_embed: normalized", "semantic_embed: controlled",
    "batch_semantic_embed: batch of 3", "batch_semantic_embed: batch of 201",
    "batch_semantic_embed: batch without a model", "instructable_embed: instruct",
    "instructable_embed: instruct normalized", "embed: layers", "embed: layers with tokens",
    "evaluate: expected", "evaluate: unexpected", "chat: schema", "stream: schema",
)  # fmt: skip

DIFFERENCES = [
    Difference(
        "what was not given is left out, where the old client sends nulls that the spec forbids",
        "test_calls.py::test_embeddings_of_all_kinds",
        "sent",
        _NULLS,
    ),
    Difference(
        "so a schema without a description is accepted by a host that checks requests",
        "test_types.py::test_requests_are_the_same_after_a_round_trip",
        "gave",
        ("chat: schema", "stream: schema"),
    ),
    Difference(
        "hosts of version 4 are what the spec describes; the old client takes version 1 only",
        "test_client.py::test_old_hosts_are_told",
        "gave",
        ("validate_version: version checked",),
    ),
    Difference(
        "nice is sent where the operation knows it",
        "test_calls.py::test_settings_go_with_every_task",
        "sent",
        ("settings: nice tokens",),
    ),
    Difference(
        "events are read as the standard frames them; the old client knows one way",
        "test_streams.py::test_every_framing_of_events_is_read",
        "gave",
        ("frames: cr", "frames: nospace", "frames: comments", "frames: multiline", "frames: bom",
         "frames: event-lines"),
    ),
    Difference(
        "a stream that stops too early is an error, not the end",
        "test_streams.py::test_a_stream_that_is_cut_short_says_so",
        "gave",
        ("broken: truncate=2", "broken completion: truncate=2"),
    ),
    Difference(
        "errors of a transport are polychat's, not those of requests or aiohttp",
        "test_streams.py::test_a_stream_that_is_cut_short_says_so",
        "gave",
        ("broken: cut=2", "broken completion: cut=2"),
    ),
    Difference(
        "an error event is a typed error, not a KeyError",
        "test_streams.py::test_an_error_in_the_middle_is_told",
        "gave",
        ("broken: error-event=2", "broken completion: error-event=2"),
    ),
    Difference(
        "errors of a transport are polychat's, not those of requests or aiohttp",
        "test_errors.py::test_a_host_that_is_not_there",
        "gave",
        ("settings: no host",),
    ),
    Difference(
        "a page instead of an answer is a ValueError in both colours, not aiohttp's error in one",
        "test_errors.py::test_a_page_instead_of_an_answer_is_a_parse_error",
        "gave",
        ("answer: html",),
        ("async",),
    ),
]  # fmt: skip
