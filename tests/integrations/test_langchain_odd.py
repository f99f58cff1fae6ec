"""LangChain's models where things go wrong: keys, caches, misspelt arguments, odd answers."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.messages import AIMessage, HumanMessage

from polychat import errors
from polychat.integrations.langchain import (
    AimlapiEmbeddings,
    AimlapiImageModel,
    AimlapiLLM,
    AimlapiVideoModel,
    ChatAimlapi,
)
from polychat.integrations.langchain._messages import to_wire

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
KEY = "sk-live-abcdef"
MODELS: list[Any] = [ChatAimlapi, AimlapiLLM, AimlapiImageModel, AimlapiVideoModel,
                     AimlapiEmbeddings]  # fmt: skip


def answering(model: Any, document: Any, **options: Any) -> Any:
    """A model whose service answers with `document`, or with its events."""

    def answer(_: httpx.Request) -> httpx.Response:
        if isinstance(document, str):
            return httpx.Response(200, text=document, headers={"content-type": "text/event-stream"})
        return httpx.Response(200, json=document, headers={"x-inference-id": "inf-1"})

    http = httpx.Client(transport=httpx.MockTransport(answer))
    return model(model="m", api_key=KEY, base_url="http://x/v1", http_client=http, **options)


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__context__ or error.__cause__)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("wrong", [{"base_url": "foo"}, {"max_retries": -1}, {"temprature": 1},
                                   {"apikey": KEY}, {"timeout": "soon"}])  # fmt: skip
def test_an_error_of_a_constructor_never_shows_the_key(model: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        model(model="m", api_key=KEY, **wrong)
    for error in chain(caught.value):
        assert "abcdef" not in f"{error} {error!r} {getattr(error, 'errors', list)()}"


@pytest.mark.parametrize("model", MODELS)
def test_a_key_that_is_no_text_is_not_shown(model: Any) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        model(model="m", api_key=[KEY])
    assert "abcdef" not in str(caught.value)


@pytest.mark.parametrize("model", MODELS)
def test_a_pickle_has_no_key(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written = pickle.dumps(model(model="m", api_key=KEY))
    assert b"abcdef" not in written
    monkeypatch.setenv("AIMLAPI_API_KEY", "another")
    assert pickle.loads(written).aimlapi_api_key.get_secret_value() == "another"
    monkeypatch.delenv("AIMLAPI_API_KEY")
    with pytest.raises(errors.ConfigurationError, match="AIMLAPI_API_KEY"):
        pickle.loads(written)


def test_headers_are_not_shown() -> None:
    model = ChatAimlapi(model="m", api_key=KEY, default_headers={"authorization": "hidden"})
    assert "hidden" not in repr(model)


@pytest.mark.parametrize("model", [AimlapiLLM, AimlapiImageModel])
@pytest.mark.parametrize("other", [{"model": "b"}, {"model_kwargs": {"seed": 1}},
                                   {"base_url": "http://y/v1"}])  # fmt: skip
def test_a_cache_tells_models_apart(model: Any, other: dict[str, Any]) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        message = {"role": "assistant", "content": "x"}
        choices = [{"index": 0, "message": message}]
        document = {"id": "1", "model": "m", "data": [{"url": "http://u"}], "choices": choices}
        return httpx.Response(200, json=document)

    cache = InMemoryCache()
    given: dict[str, Any] = {
        "model": "a",
        "api_key": KEY,
        "base_url": "http://x/v1",
        "cache": cache,
    }
    http = httpx.Client(transport=httpx.MockTransport(answer))
    for options in (given, given, {**given, **other}):
        model(http_client=http, **options).invoke("cat")
    assert len(asked) == 2


CHAT = {"id": "1", "model": "m", "choices": []}


@pytest.mark.parametrize("model", [ChatAimlapi, AimlapiLLM])
@pytest.mark.parametrize("choices", [[], None, [{"index": 0, "message": None}]])
def test_an_answer_without_a_message_is_an_error_of_ours(model: Any, choices: Any) -> None:
    with pytest.raises(errors.ResponseParseError) as caught:
        answering(model, {**CHAT, "choices": choices}).invoke("Hi")
    assert caught.value.request_id == "inf-1"
    assert caught.value.body is not None


def test_a_completion_in_parts_is_text() -> None:
    message = {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"text": "b"}]}
    document = {**CHAT, "choices": [{"index": 0, "message": message}]}
    assert answering(AimlapiLLM, document).invoke("Hi") == "ab"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (None, "data|no list"),
        ([{"embedding": [1.0], "index": 3}], "asked for 2 embeddings, got 1"),
        ([{"embedding": [1.0], "index": 0}] * 2, "index 0 .* came twice"),
        ([{"embedding": [1.0], "index": 1}, {"index": 0}], "no vector came for text 0"),
    ],
)
def test_vectors_that_do_not_fit_are_an_error(data: Any, why: str) -> None:
    with pytest.raises(errors.ResponseParseError, match=why):
        answering(AimlapiEmbeddings, {"model": "m", "data": data}).embed_documents(["a", "b"])


def test_a_completion_tells_its_probabilities_and_usage(url: str) -> None:
    result = AimlapiLLM(model="echo", base_url=url, api_key="k", logprobs=2).generate(["Hi there"])
    info = result.generations[0][0].generation_info
    assert info is not None
    assert info["finish_reason"] == "stop"
    assert info["logprobs"]["content"]
    assert result.llm_output is not None
    assert result.llm_output["token_usage"]["total_tokens"] > 0


def test_a_streams_end_tells_headers_and_id(url: str) -> None:
    model = ChatAimlapi(model="echo", base_url=url, api_key="k", include_response_headers=True)
    last = list(model.stream("Hi"))[-1]
    told = [chunk.response_metadata for chunk in model.stream("Hi")]
    assert any(one.get("headers", {}).get("x-inference-id") for one in told), last
    assert any(one.get("id") for one in told)


def test_a_custom_tools_call_is_kept_and_sent_back() -> None:
    call = {"id": "7", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    answer = answering(ChatAimlapi, {**CHAT, "choices": [{"index": 0, "message": message}]}).invoke(
        "Hi"
    )
    assert (answer.tool_calls, answer.invalid_tool_calls) == ([], [])
    (wire,) = to_wire([answer])
    assert wire["tool_calls"] == [call]


def test_a_refusal_stays_in_the_history() -> None:
    refused = AIMessage("", additional_kwargs={"refusal": "I will not"})
    assert to_wire([refused]) == [{"role": "assistant", "content": "I will not"}]


def test_tokens_are_counted_without_a_tokenizer() -> None:
    model = ChatAimlapi(model="m", api_key=KEY)
    assert model.get_num_tokens("a text of 20 letters") == 5
    assert model.get_num_tokens_from_messages([HumanMessage("Hello")]) > 1
    exact = ChatAimlapi(model="m", api_key=KEY, custom_get_token_ids=lambda text: [1] * len(text))
    assert exact.get_num_tokens("four") == 4
