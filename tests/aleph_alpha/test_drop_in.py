"""What users of the old client do beside calling it: name modules, make errors, change answers."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
import typing
from typing import Any
from unittest import mock

import httpx
import pytest
from pydantic import BaseModel, ConfigDict

import polychat
from polychat import aleph_alpha
from polychat.aleph_alpha import (
    BatchSemanticEmbeddingRequest,
    BusyError,
    ChatRequest,
    ChatResponse,
    Explanation,
    ExplanationRequest,
    ExplanationResponse,
    FinishReason,
    JSONSchema,
    Message,
    Prompt,
    Role,
    SemanticRepresentation,
    TextMessage,
    TextScoreWithRaw,
)
from polychat.aleph_alpha.embedding import BatchSemanticEmbeddingResponse
from polychat.aleph_alpha.errors import STATUS_ERRORS
from polychat.aleph_alpha.explanation import ImagePromptItemExplanation
from polychat.aleph_alpha.structured_output import ResponseFormat
from tests.aleph_alpha.conftest import Both

# Errors


@pytest.mark.parametrize("kind", dict.fromkeys(STATUS_ERRORS.values()))
@pytest.mark.parametrize("args", [(), ("x",), (503, "busy"), (402, "none", 3)])
def test_an_error_that_a_user_makes_keeps_its_arguments(kind: Any, args: tuple[Any, ...]) -> None:
    error = kind(*args)
    assert error.args == args
    assert str(error) == str(Exception(*args))
    for same in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(same), same.args, str(same)) == (kind, args, str(error))


def test_a_status_and_a_body_that_a_user_gives_are_those() -> None:
    error = BusyError(503, "busy")
    assert (error.status, error.status_code, error.body) == (503, 503, "busy")
    assert BusyError().body is None


@pytest.mark.parametrize("error", [BusyError, BusyError("busy")])
def test_a_mock_raises_an_error(error: Any) -> None:
    with pytest.raises(BusyError):
        mock.Mock(side_effect=error)()


def test_what_polychat_raises_has_the_status_and_the_body() -> None:
    error = BusyError("the host said 503", status=503, body="busy", platform="aleph_alpha")
    assert error.args == (503, "busy")
    assert "the host said 503" in str(error)


# Modules

MODULES = [
    "aleph_alpha_client",
    "chat",
    "completion",
    "detokenization",
    "document",
    "embedding",
    "errors",
    "evaluation",
    "explanation",
    "prompt",
    "prompt_template",
    "reranking",
    "steering",
    "structured_output",
    "tokenization",
    "translation",
    "utils",
    "version",
]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_needs_no_import_of_its_own(name: str) -> None:
    code = f"import polychat.aleph_alpha as aac; print(aac.{name}.__name__)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == f"polychat.aleph_alpha.{name}"
    assert name in dir(aleph_alpha)


def test_the_import_loads_no_module() -> None:
    code = (
        "import sys, polychat.aleph_alpha as aac; print('polychat.aleph_alpha.chat' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


# Types at run time

CLASSES = [name for name in aleph_alpha.__all__ if isinstance(getattr(aleph_alpha, name), type)]


@pytest.mark.parametrize("name", CLASSES)
def test_the_type_hints_of_every_class_can_be_read(name: str) -> None:
    kind = getattr(aleph_alpha, name)
    hints = typing.get_type_hints(kind)
    if dataclasses.is_dataclass(kind):
        assert {field.name for field in dataclasses.fields(kind)} <= hints.keys()
        typing.get_type_hints(kind.__init__)


def test_a_message_and_a_request_are_fields_of_pydantic() -> None:
    class Turn(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        message: Message
        request: ChatRequest | None = None

    message = Message(Role.User, ["look", aleph_alpha.Image("aGk=")])
    request = ChatRequest("m", [message], response_format=JSONSchema({}, "x"))
    turn = Turn(message=message, request=request)
    assert turn.message == message
    assert turn.request == request


def test_a_format_can_be_used_in_a_union_and_checked() -> None:
    assert isinstance(JSONSchema({}, "x"), typing.get_args(ResponseFormat)[0])
    assert typing.get_args(ResponseFormat | None)


# Answers that are changed


class City(BaseModel):
    name: str


CHAT = {
    "id": "1",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": '{"name": "Bonn"}'},
            "colour": "red",
        },
        {"index": 1, "finish_reason": "stop", "message": {"role": "assistant", "content": "b"}},
    ],
}


def _answer(both: Both, **format_: Any) -> Any:
    request = ChatRequest("m", [Message(Role.User, "x")], **format_)
    return both.answered(lambda _: httpx.Response(200, json=CHAT), "chat", request)


def test_a_message_that_is_replaced_is_written() -> None:
    answer = ChatResponse.from_json(CHAT)
    message = TextMessage(Role.Assistant, "new")
    new = dataclasses.replace(answer, message=message, finish_reason=FinishReason.Length)
    document = new.to_json()
    first, second = document["choices"]
    assert first["message"] == {"role": "assistant", "content": "new"}
    assert (first["finish_reason"], first["index"], first["colour"]) == ("length", 0, "red")
    assert second["message"]["content"] == "b"
    assert ChatResponse.from_json(document) == new
    assert answer.to_json() == CHAT
    assert answer.choices[0].message.content == '{"name": "Bonn"}'


def test_log_probabilities_that_are_replaced_are_written() -> None:
    answer = ChatResponse.from_json(CHAT)
    new = dataclasses.replace(answer, logprobs={"content": []}, choices=tuple(answer.choices))
    assert new.to_json()["choices"][0]["logprobs"] == {"content": []}


def test_an_answer_that_is_replaced_is_parsed(both: Both) -> None:
    answer = _answer(both, response_format=City)
    assert answer.parsed == City(name="Bonn")
    message = TextMessage(Role.Assistant, '{"name": "Ulm"}')
    new = dataclasses.replace(answer, message=message)
    assert (new.parsed, answer.parsed) == (City(name="Ulm"), City(name="Bonn"))
    assert dataclasses.replace(_answer(both), message=message).parsed is None


EXPLANATION: dict[str, Any] = {
    "model_version": "1",
    "cost": 3,
    "explanations": [
        {
            "target": "bc",
            "colour": "red",
            "items": [
                {
                    "type": "text",
                    "unit": "word",
                    "scores": [{"start": 0, "length": 1, "score": 0.5, "rank": 1}],
                },
                {
                    "type": "target",
                    "unit": "char",
                    "scores": [{"start": 1, "length": 1, "score": 0.5, "rank": 2}],
                },
            ],
        }
    ],
}


def test_an_explanation_with_text_keeps_what_else_came(both: Both) -> None:
    request = ExplanationRequest(Prompt.from_text("a"), "bc")
    answer = both.answered(lambda _: httpx.Response(200, json=EXPLANATION), "explain", request, "m")
    new = answer.with_text_from_prompt(request)
    assert isinstance(new, ExplanationResponse)
    assert new.__response__ is answer.__response__ is polychat.response_of(new)
    assert new.__response__.status == 200
    assert new.cost == 3
    explanation = new.explanations[0]
    assert explanation.colour == "red"
    text, target = explanation.items
    assert (text.unit, target.unit) == ("word", "char")
    assert isinstance(text.scores[0], TextScoreWithRaw)
    assert (text.scores[0].text, text.scores[0].rank) == ("a", 1)
    assert (target.scores[0].text, target.scores[0].rank) == ("c", 2)
    document = new.to_json()
    assert document["cost"] == 3
    assert document["explanations"][0]["items"][0]["scores"] == [
        {"start": 0, "length": 1, "score": 0.5, "text": "a", "rank": 1}
    ]
    pixels = answer.with_image_prompt_items_in_pixels(request.prompt)
    assert (pixels.cost, pixels.explanations[0].colour) == (3, "red")


def test_scores_in_pixels_keep_what_else_came(monkeypatch: pytest.MonkeyPatch) -> None:
    rect = {"left": 0.0, "top": 0.5, "width": 1.0, "height": 0.5}
    scores = [{"rect": rect, "score": 0.5, "rank": 1}]
    item = {"type": "image", "unit": "part", "scores": scores}
    document = {"target": "b", "items": [item]}
    monkeypatch.setattr(aleph_alpha.Image, "dimensions", lambda _: (10, 20))
    prompt = Prompt([aleph_alpha.Image("aGk=")])
    new = Explanation.from_json(document).with_image_prompt_items_in_pixels(prompt).items[0]
    assert isinstance(new, ImagePromptItemExplanation)
    assert (new.unit, new.scores[0].rank) == ("part", 1)
    assert new.scores[0].to_json() == {
        "rect": {"left": 0, "top": 10, "width": 10, "height": 10},
        "score": 0.5,
        "rank": 1,
    }


def test_the_answer_to_many_batches_says_how_it_was_answered(both: Both) -> None:
    prompts = [Prompt.from_text("a")] * 3
    request = BatchSemanticEmbeddingRequest(prompts, SemanticRepresentation.Query)

    def answer(_: httpx.Request) -> httpx.Response:
        vectors = {"model_version": "1", "embeddings": [[1.0]], "num_tokens_prompt_total": 1}
        return httpx.Response(200, json={**vectors, "cost": 3}, headers={"x-request-id": "r"})

    whole = both.answered(answer, "batch_semantic_embed", request, "m", batch_size=1)
    assert (len(whole.embeddings), whole.num_tokens_prompt_total) == (3, 3)
    assert whole.__response__.status == 200
    assert whole.cost == 3
    assert whole.to_json()["embeddings"] == [[1.0]] * 3
    assert BatchSemanticEmbeddingResponse.joined([]).__response__ is None


def test_remedies_name_the_arguments_of_these_clients() -> None:
    answer = httpx.Response(404, json={"error": "no such model"})
    transport = httpx.MockTransport(lambda _: answer)
    with (
        aleph_alpha.Client("k", "http://x", transport=transport) as client,
        pytest.raises(polychat.errors.NotFoundError) as caught,
    ):
        client.chat(ChatRequest([Message(Role.User, "Hi")], "m"))
    assert "host" in str(caught.value)
    assert "base_url" not in str(caught.value)
