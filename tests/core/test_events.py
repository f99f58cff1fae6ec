"""What a reader of event streams does with their bytes, without a network."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from polychat._core.events import KEPT, EventReader
from polychat._core.exchange import Answered
from polychat.dial._platform import DIAL
from polychat.errors import StreamTruncatedError
from polychat_rest.whole import Choices


def reader(parse: Any = dict) -> EventReader[Any]:
    return EventReader(Answered(httpx.Response(200), b"", 1, {}, None), DIAL, parse, "[DONE]")


def event(choices: str) -> bytes:
    return f'data: {{"choices":{choices}}}\n\n'.encode()


FILLER = event(f'[{{"index":0,"delta":{{"content":"{"x" * 100_000}"}}}}]')


@pytest.mark.parametrize(
    ("dropped", "finish"),
    [
        ('[{"index":1}]', '[{"index":1,"finish_reason":"stop"}]'),
        ('[{"index":"a"}]', '[{"index":"a","finish_reason":"stop"}]'),
        ('[{"index":null}]', '[{"finish_reason":"stop"}]'),
        ('[null,{"index":1}]', '[{"index":1,"finish_reason":"stop"}]'),
        ('[{"index":[1]}]', '[{"index":[1],"finish_reason":{"a":1}}]'),
        ('[{"index":1,"delta":{"content":"\\ud800"}}]', '[{"index":1,"finish_reason":"stop"}]'),
    ],
)
def test_a_choice_of_an_event_that_is_no_longer_kept_must_end_too(
    dropped: str, finish: str
) -> None:
    for last, whole in (("[]", False), (finish, True)):
        found = reader()
        given = list(found.feed(event(dropped)))
        for _ in range(KEPT // len(FILLER) + 2):
            given += found.feed(FILLER)
        given += found.feed(event('[{"index":0,"finish_reason":"stop"}]'))
        given += found.feed(event(last))
        list(found.finish())
        assert (found.error is None) == whole
        if found.error is not None:
            assert isinstance(found.error, StreamTruncatedError)
            assert len(found.error.chunks) + found.error.dropped == len(given)


def test_the_events_of_a_piece_are_typed_a_few_at_a_time_as_they_are_asked_for() -> None:
    typed: list[Any] = []

    def parse(value: Any) -> Any:
        typed.append(value)
        return value

    found = reader(parse)
    items = iter(found.feed(b"".join(event(f"[{number}]") for number in range(200))))
    assert typed == []
    assert next(items) == {"choices": [0]}
    assert len(typed) < 100
    assert [item["choices"] for item in items] == [[number] for number in range(1, 200)]


def test_events_after_the_end_in_the_same_piece_are_not_given() -> None:
    found = reader()
    assert list(found.feed(event("[]") + b"data: [DONE]\n\n" + event("[1]"))) == [{"choices": []}]
    assert found.ended


def test_only_an_event_that_goes_on_with_the_one_choice_is_told_by_its_bytes() -> None:
    choices = Choices()
    usual = event('[{"index":0,"delta":{"content":"a"},"finish_reason":null}]')
    assert not choices.go_on([usual])  # the choice is not known yet
    choices.saw({"choices": [{"index": 0}]})
    assert choices.go_on([usual])
    for odd in (
        '[{"index":0,"finish_reason":null},{"index":1}]',
        '[{"index":0,"finish_reason":"stop"}]',
        '[{"index":10,"finish_reason":null}]',
        r'[{"index":1,"delta":{"content":"\"index\":0,\"finish_reason\":null"}}]',
    ):
        assert not choices.go_on([event(odd)]), odd
        assert not choices.go_on([usual, event(odd), usual]), odd
