"""An answer that says nothing is an error, and never an empty answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from polychat.aleph_alpha import (
    ChatRequest,
    CompletionRequest,
    FinishReason,
    Prompt,
    Role,
    TextMessage,
    TokenizationRequest,
)
from polychat.aleph_alpha.errors import UnreadableAnswerError
from polychat.errors import PolychatError
from tests.aleph_alpha.conftest import Both

CHAT = ChatRequest("m", [TextMessage(Role.User, "Hi")])
COMPLETION = CompletionRequest(Prompt.from_text("Hi"))


def answered(both: Both, document: Any, method: str, *args: Any) -> Any:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=document, headers={"x-request-id": "r-1"})

    return both.answered(answer, method, *args)


@pytest.mark.parametrize("first", [None, "odd", 5, [], {"index": 0}, {"message": None}])
def test_a_chat_without_a_message_is_an_error(both: Both, first: Any) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        answered(both, {"id": "1", "choices": [first]}, "chat", CHAT)
    error = caught.value
    assert (error.status, error.request_id, error.attempts) == (200, "r-1", 1)
    assert error.body is not None
    assert "choices" in error.body


@pytest.mark.parametrize("choices", [[], None, {}, "odd"])
def test_a_chat_without_choices_is_an_error(both: Both, choices: Any) -> None:
    with pytest.raises(UnreadableAnswerError):
        answered(both, {"id": "1", "choices": choices}, "chat", CHAT)
    with pytest.raises(UnreadableAnswerError):
        answered(both, {"model_version": "1", "completions": choices}, "complete", COMPLETION, "m")


def test_a_reason_in_the_place_of_a_message_is_an_answer(both: Both) -> None:
    answer = answered(both, {"choices": [{"finish_reason": "content_filter"}]}, "chat", CHAT)
    assert (answer.finish_reason, answer.message.content) == (FinishReason.ContentFilter, None)


@pytest.mark.parametrize("first", [None, "odd", 5, []])
def test_a_completion_that_is_none_is_an_error(both: Both, first: Any) -> None:
    with pytest.raises(UnreadableAnswerError):
        answered(both, {"model_version": "1", "completions": [first]}, "complete", COMPLETION, "m")


@pytest.mark.parametrize(
    ("tokens", "token_ids", "document"),
    [
        (True, False, {"token_ids": [1]}),
        (False, True, {"tokens": ["a"]}),
        (True, True, {"tokens": ["a"], "token_ids": None}),
        (True, True, {}),
    ],
)
def test_tokens_come_in_the_forms_that_were_asked_for(
    both: Both, tokens: bool, token_ids: bool, document: Any
) -> None:
    request = TokenizationRequest("a", tokens, token_ids)
    with pytest.raises(UnreadableAnswerError):
        answered(both, document, "tokenize", request, "m")
    whole = {"tokens": [] if tokens else None, "token_ids": [] if token_ids else None}
    found = answered(both, whole, "tokenize", request, "m")
    assert (found.tokens, found.token_ids) == (whole["tokens"], whole["token_ids"])


@pytest.mark.parametrize("document", [None, {}, {"error": "busy"}, {"detail": "x"}, "odd", 5])
def test_a_list_of_models_is_a_list(both: Both, document: Any) -> None:
    with pytest.raises(PolychatError) as caught:
        answered(both, document, "models")
    assert caught.value.status == 200
    assert answered(both, [], "models") == []
