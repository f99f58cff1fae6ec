"""The Haystack component: the snippets of its page, what the old one breaks, the wire."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
import subprocess
import sys
from typing import Any

import httpx
import pytest
from haystack import Document, Pipeline
from haystack.dataclasses import ChatMessage, StreamingChunk, ToolCall
from haystack.tools import Tool, Toolset
from haystack.utils import Secret
from pydantic import BaseModel

from polychat import errors
from polychat.emulator import Emulator
from polychat.integrations.haystack import (
    AIMLAPIChatGenerator,
    AIMLAPIDocumentEmbedder,
    AIMLAPITextEmbedder,
)
from polychat.integrations.haystack._loading import OLD_TYPE
from polychat.integrations.haystack._schemas import strict_schema

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
HELLO = [ChatMessage.from_user("Hello there")]
NEAR = {"type": "object", "properties": {"km": {"type": "integer"}}}
CITY = {"type": "string"}
SCHEMA = {"type": "object", "properties": {"city": CITY, "near": NEAR}, "required": ["city"]}


def weather(city: str, near: Any = None) -> str:
    return f"3 degrees in {city}"


def tool(name: str = "weather") -> Tool:
    return Tool(name=name, description="The weather", parameters=dict(SCHEMA), function=weather)


def print_chunk(chunk: StreamingChunk) -> None:
    print(chunk.content, end="|")


class City(BaseModel):
    name: str
    people: int


def made(url: str, **options: Any) -> AIMLAPIChatGenerator:
    return AIMLAPIChatGenerator(**{"model": "echo", "api_base_url": url, **options})


# --- the page ---


def test_the_pages_example(url: str) -> None:
    client = made(url)
    response = client.run([ChatMessage.from_user("What's Natural Language Processing?")])
    reply = response["replies"][0]
    assert reply.text == "What's Natural Language Processing?"
    assert (reply.meta["model"], reply.meta["index"], reply.meta["finish_reason"]) == (
        "echo", 0, "stop")  # fmt: skip
    assert reply.meta["usage"]["total_tokens"] == 8
    assert reply.meta["cost"]["credits"] == 80


def test_the_pages_constructor_and_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "key")
    parameters = AIMLAPIChatGenerator().to_dict()["init_parameters"]
    assert parameters == {
        "api_key": {"type": "env_var", "env_vars": ["AIMLAPI_API_KEY"], "strict": True},
        "model": "openai/gpt-5-chat-latest", "streaming_callback": None,
        "api_base_url": "https://api.aimlapi.com/v1", "generation_kwargs": {}, "tools": None,
        "tools_strict": False, "timeout": None, "extra_headers": None, "max_retries": None,
        "http_client_kwargs": None,
    }  # fmt: skip


def test_text_no_messages_and_a_missing_key(
    url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert made(url).run("Hi")["replies"][0].text == "Hi"
    assert made(url).run([]) == {"replies": []}
    assert len(emulator.requests) == 1
    monkeypatch.delenv("AIMLAPI_API_KEY")
    with pytest.raises(ValueError, match="AIMLAPI_API_KEY"):
        made(url).warm_up()


def test_what_is_sent(url: str, emulator: Emulator) -> None:
    generation = {"temperature": 0.5, "extra_body": {"safe_prompt": True}, "seed": 1}
    generator = made(
        url, generation_kwargs=generation, extra_headers={"x-title": "Mine", "X-Number": 7}
    )
    generator.run(HELLO, generation_kwargs={"seed": 2})
    sent = emulator.requests[-1]
    assert sent.json() == {
        "model": "echo", "messages": [{"role": "user", "content": "Hello there"}],
        "temperature": 0.5, "safe_prompt": True, "seed": 2,
    }  # fmt: skip
    assert (sent.headers["x-title"], sent.headers["x-number"]) == ("Mine", "7")
    assert sent.headers["http-referer"].startswith("https://github.com/deepset-ai")


# --- streams ---


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_callback_gets_the_chunks(url: str, asynchronous: bool) -> None:
    seen: list[StreamingChunk] = []
    reply = _run(made(url), HELLO, asynchronous=asynchronous, streaming_callback=seen.append)
    assert [c.content for c in seen if c.content] == ["Hello", " there"]
    assert [c.start for c in seen if c.content] == [True, False]
    assert [c.finish_reason for c in seen if c.finish_reason] == ["stop"]
    assert seen[0].component_info.type.endswith("AIMLAPIChatGenerator")
    assert reply.text == "Hello there"
    assert reply.meta["usage"]["total_tokens"] == 4
    assert reply.meta["cost"]["credits"] == 40
    assert reply.meta["completion_start_time"]


def _run(
    generator: Any, messages: Any, *, asynchronous: bool = False, **options: Any
) -> ChatMessage:
    if asynchronous:
        return asyncio.run(generator.run_async(messages, **options))["replies"][0]
    return generator.run(messages, **options)["replies"][0]


def test_coroutine_callbacks(url: str) -> None:
    seen: list[str] = []

    async def callback(chunk: StreamingChunk) -> None:
        seen.append(chunk.content)

    assert _run(made(url, streaming_callback=callback), HELLO, asynchronous=True).text
    assert "".join(seen) == "Hello there"
    with pytest.raises(ValueError, match="runtime callback cannot be a coroutine"):
        made(url).run(HELLO, streaming_callback=callback)
    with pytest.raises(ValueError, match="init callback cannot be a coroutine"):
        made(url, streaming_callback=callback).run(HELLO)


def test_the_runtime_callback_wins(url: str) -> None:
    first: list[Any] = []
    second: list[Any] = []
    made(url, streaming_callback=first.append).run(HELLO, streaming_callback=second.append)
    assert not first
    assert second


def test_stream_true_without_a_callback(url: str, emulator: Emulator) -> None:
    reply = _run(made(url, generation_kwargs={"stream": True}), HELLO)
    assert reply.text == "Hello there"
    assert emulator.requests[-1].json()["stream"] is True
    assert reply.meta["usage"]["completion_tokens"] == 2


def test_several_replies_cannot_be_streamed(url: str) -> None:
    assert len(made(url).run(HELLO, generation_kwargs={"n": 2})["replies"]) == 2
    with pytest.raises(ValueError, match="Cannot stream multiple responses"):
        made(url).run(HELLO, print_chunk, {"n": 2})


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_are_kept(url: str, stream: bool) -> None:
    seen: list[StreamingChunk] = []
    options = {"streaming_callback": seen.append} if stream else {}
    reply = _run(made(url), HELLO, generation_kwargs={"reasoning_effort": "low"}, **options)
    assert reply.reasoning is not None
    assert reply.reasoning.reasoning_text == "I answer: Hello there"
    assert reply.text == "Hello there"
    thoughts = "".join(c.reasoning.reasoning_text for c in seen if c.reasoning)
    assert thoughts == ("I answer: Hello there" if stream else "")


def test_a_cut_stream_keeps_what_had_come(url: str) -> None:
    with pytest.raises(errors.StreamTruncatedError) as caught:
        made(url, model="fault:cut=3").run("one two three four", print_chunk)
    assert caught.value.text == "one two"


@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities(url: str, stream: bool) -> None:
    options = {"streaming_callback": print_chunk} if stream else {}
    reply = _run(made(url), HELLO, generation_kwargs={"logprobs": True}, **options)
    assert [t["token"] for t in reply.meta["logprobs"]["content"]] == ["Hello", " there"]


# --- tools ---


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wrap", [list, Toolset, lambda tools: [Toolset(tools)]])
def test_tools_are_called(url: str, wrap: Any, stream: bool) -> None:
    seen: list[StreamingChunk] = []
    options = {"streaming_callback": seen.append} if stream else {}
    reply = _run(made(url, tools=wrap([tool()])), "Oslo", **options)
    (call,) = reply.tool_calls
    assert (call.tool_name, call.arguments) == ("weather", {"city": "Oslo"})
    assert call.id
    if stream:
        deltas = [c.tool_calls[0] for c in seen if c.tool_calls]
        assert json.loads("".join(d.arguments or "" for d in deltas)) == {"city": "Oslo"}


def test_tools_at_run_time_win_and_none_clears(url: str, emulator: Emulator) -> None:
    generator = made(url, tools=[tool()])
    generator.run("Oslo", tools=[tool("other")])
    assert [t["function"]["name"] for t in emulator.requests[-1].json()["tools"]] == ["other"]
    assert generator.run("Oslo", tools=[])["replies"][0].text == "Oslo"
    assert "tools" not in emulator.requests[-1].json()
    with pytest.raises(ValueError, match="two tools are named 'weather'"):
        made(url, tools=[tool(), tool()])


@pytest.mark.parametrize("where", ["init", "run"])
def test_strict_tools_at_every_level_without_changing_them(
    url: str, emulator: Emulator, where: str
) -> None:
    own = tool()
    before = json.dumps(own.parameters)
    init = {"tools_strict": True} if where == "init" else {}
    run = {"tools_strict": True} if where == "run" else {}
    made(url, tools=[own], **init).run("Oslo", **run)
    sent = emulator.requests[-1].json()["tools"][0]["function"]
    assert sent["strict"] is True
    assert sent["parameters"]["required"] == ["city", "near"]
    assert sent["parameters"]["additionalProperties"] is False
    assert sent["parameters"]["properties"]["near"]["additionalProperties"] is False
    assert json.dumps(own.parameters) == before


def test_a_conversation_with_a_tool(url: str, emulator: Emulator) -> None:
    call = ToolCall("weather", {"city": "Oslo"}, id="1")
    messages = [ChatMessage.from_system("Help"), ChatMessage.from_user("Oslo?"),
                ChatMessage.from_assistant(tool_calls=[call]),
                ChatMessage.from_tool("3 degrees", origin=call)]  # fmt: skip
    assert made(url, tools=[tool()]).run(messages)["replies"][0].text == "3 degrees"
    roles = [m["role"] for m in emulator.requests[-1].json()["messages"]]
    assert roles == ["system", "user", "assistant", "tool"]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"type": "object"}, {"type": "object", "additionalProperties": False}),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, None),
        ({"type": "object", "additionalProperties": True}, None),
        ({"type": "object", "properties": {}, "additionalProperties": True},
         {"type": "object", "properties": {}, "additionalProperties": False, "required": []}),
        ({"type": "object", "additionalProperties": NEAR},
         {"type": "object",
          "additionalProperties": {**NEAR, "additionalProperties": False, "required": ["km"]}}),
        ({"anyOf": [CITY, {"type": "null"}], "default": None}, {"anyOf": [CITY, {"type": "null"}]}),
        ({**CITY, "default": "Oslo"}, None),
        ({"items": {"$ref": "#/$defs/a~1b", "description": "d"}, "$defs": {"a/b": CITY}},
         {"items": {**CITY, "description": "d"}, "$defs": {"a/b": CITY}}),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": CITY}}, None),
        ({"items": {"$ref": "#/$defs/none", "title": "t"}}, None),
    ],
)  # fmt: skip
def test_strict_schemas_mean_what_they_did(given: Any, wanted: Any) -> None:
    before = copy.deepcopy(given)
    assert strict_schema(given) == (before if wanted is None else wanted)
    assert given == before


def test_a_strict_schema_that_holds_itself() -> None:
    again = {"$ref": "#/$defs/Node", "description": "the next"}
    node = {"type": "object", "properties": {"next": again}}
    made = strict_schema({"$ref": "#/$defs/Node", "$defs": {"Node": node}})
    assert "$ref" not in made
    assert made["properties"] == {"next": {"$ref": "#/$defs/Node"}}
    assert made["$defs"]["Node"]["required"] == made["required"] == ["next"]


# --- what the emulator does not answer ---


def answering(*messages: Any, stream: bool = False) -> AIMLAPIChatGenerator:
    """A generator whose answer has a message, or whose stream has these deltas."""
    key = "delta" if stream else "message"
    answers = [
        json.dumps({"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [
            {"index": 0, key: message, "finish_reason": None if stream else "stop"}]})
        for message in messages
    ]  # fmt: skip
    text = "".join(f"data: {one}\n\n" for one in [*answers, "[DONE]"]) if stream else answers[0]
    kind = "text/event-stream" if stream else "application/json"

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=text, headers={"content-type": kind})

    transport = httpx.MockTransport(answer)
    return AIMLAPIChatGenerator(
        api_key=Secret.from_token("key"), http_client_kwargs={"transport": transport}
    )


def test_streams_keep_refusal_annotations_and_audio() -> None:
    link = {"type": "url_citation", "url_citation": {"url": "u"}}
    generator = answering(
        {"refusal": "I can"}, {"refusal": "not", "annotations": [link]}, {"annotations": [link]},
        {"audio": {"id": "a", "data": "AAAA"}},
        {"audio": {"id": "a", "data": "BBBB", "transcript": "x", "expires_at": 3}},
        stream=True,
    )  # fmt: skip
    seen: list[StreamingChunk] = []
    meta = _run(generator, HELLO, streaming_callback=seen.append).meta
    assert (meta["refusal"], meta["annotations"]) == ("I cannot", [link, link])
    assert meta["audio"] == {"id": "a", "data": "AAAABBBB", "transcript": "x", "expires_at": 3}
    assert [c.meta["refusal"] for c in seen if "refusal" in c.meta] == ["I can", "not"]


def _piece(identity: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"id": identity, "type": "function", "function": function}]}


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    pieces = [_piece("a", "one", '{"x": '), _piece(None, None, "1"), _piece("a", None, "}"),
              _piece("b", "two", '{"x": '), _piece(None, None, "2}")]  # fmt: skip
    seen: list[StreamingChunk] = []
    reply = _run(answering(*pieces, stream=True), HELLO, streaming_callback=seen.append)
    assert [(c.id, c.tool_name, c.arguments) for c in reply.tool_calls] == [
        ("a", "one", {"x": 1}), ("b", "two", {"x": 2})]  # fmt: skip
    assert [c.tool_calls[0].index for c in seen if c.tool_calls] == [0, 0, 0, 1, 1]


def test_a_choice_without_a_message() -> None:
    with pytest.raises(errors.ResponseParseError, match="choice 0 of the answer has no message"):
        answering(None).run(HELLO)


@pytest.mark.parametrize("stream", [False, True])
def test_calls_of_custom_tools_are_in_the_meta(
    stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    call = {"id": "a", "type": "custom", "custom": {"name": "sh", "input": "ls -l"}}
    messages: list[Any] = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    if stream:
        begun = {**call, "index": 0, "custom": {"name": "sh", "input": "ls "}}
        own = {"name": None, "input": "-l"}  # a null in a later piece takes nothing back
        rest = {"index": 0, "id": None, "type": None, "custom": own}
        messages = [{"tool_calls": [begun]}, {"tool_calls": [rest]}]
    options: dict[str, Any] = {"streaming_callback": print_chunk} if stream else {}
    reply = _run(answering(*messages, stream=stream), HELLO, **options)
    assert reply.meta["custom_tool_calls"] == [call]
    assert not reply.tool_calls
    assert "custom_tool_calls" in caplog.text


# --- structured output, saving and loading ---


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("wanted", [City, {"type": "json_schema", "json_schema": {
    "name": "City", "schema": City.model_json_schema()}}])  # fmt: skip
def test_structured_output(url: str, wanted: Any, stream: bool) -> None:
    options = {"streaming_callback": print_chunk} if stream else {}
    generator = made(url, generation_kwargs={"response_format": wanted})
    reply = _run(generator, "Oslo has 7", **options)
    assert City.model_validate_json(reply.text or "") == City(name="Oslo has 7", people=7)


def test_a_pipeline_is_saved_and_loaded_with_all_of_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tool and the callback are functions of this module, which Haystack 3 must be told of.
    monkeypatch.setenv("HAYSTACK_DESERIALIZATION_ALLOWLIST", f"{__name__}*")
    pipeline = Pipeline()
    pipeline.add_component("llm", made(
        url, tools=[tool()], streaming_callback=print_chunk, tools_strict=True, timeout=9.0,
        extra_headers={"x-a": "b"}, max_retries=1, http_client_kwargs={"trust_env": False},
        generation_kwargs={"response_format": City},
    ))  # fmt: skip
    saved = pipeline.dumps()
    loaded = Pipeline.loads(saved)
    assert loaded.dumps() == saved
    component = loaded.get_component("llm")
    assert component.tools[0].name == "weather"
    assert component.generation_kwargs["response_format"]["json_schema"]["name"] == "City"


def test_what_the_old_package_saved_is_loaded(url: str) -> None:
    old = made(url).to_dict()
    old["type"] = OLD_TYPE
    del old["init_parameters"]["tools_strict"]
    data = {"components": {"llm": old}, "connections": [], "metadata": {},
            "max_runs_per_component": 100}  # fmt: skip
    untouched = json.dumps(data)
    pipeline = Pipeline.from_dict(json.loads(untouched))
    result = pipeline.run({"llm": {"messages": HELLO}})
    assert result["llm"]["replies"][0].text == "Hello there"


def test_a_token_is_not_saved(url: str) -> None:
    generator = made(url, api_key=Secret.from_token("very-secret"))
    with pytest.raises(ValueError, match=r"[Tt]oken"):
        generator.to_dict()
    assert "very-secret" not in repr(vars(generator))


# --- settings, loops ---


def test_retries_and_timeout_come_from_aimlapis_variables(
    url: str, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_MAX_RETRIES", "4")
    monkeypatch.setenv("AIMLAPI_MAX_RETRIES", "1")
    monkeypatch.setenv("AIMLAPI_TIMEOUT", "0.3")
    with pytest.raises(errors.InternalServerError) as caught:
        made(url, model="fault:status=503,retry-after-ms=1").run(HELLO)
    assert caught.value.attempts == len(emulator.requests) == 2
    with pytest.raises(errors.APITimeoutError):
        made(url, model="fault:slow=2", max_retries=0).run(HELLO)


def test_five_retries_unless_told(url: str, emulator: Emulator) -> None:
    with pytest.raises(errors.InternalServerError):
        made(url, model="fault:status=503,retry-after-ms=1").run(HELLO)
    assert len(emulator.requests) == 6


@pytest.mark.parametrize("kwargs", [None, {"headers": {"x-own": "1"}}])
def test_one_component_in_several_loops(url: str, emulator: Emulator, kwargs: Any) -> None:
    generator = made(url, http_client_kwargs=kwargs)
    assert [_run(generator, HELLO, asynchronous=True).text for _ in range(3)] == ["Hello there"] * 3
    assert (kwargs is None) == ("x-own" not in emulator.requests[-1].headers)


def test_clients_are_made_and_closed(url: str) -> None:
    generator = made(url)
    assert (generator.client, generator.async_client) == (None, None)
    generator.warm_up()
    assert generator.client is not None
    generator.close()
    assert generator.client is None
    assert generator.run("again")["replies"][0].text == "again"
    generator.close()

    async def main() -> None:
        await generator.warm_up_async()
        assert generator.async_client is not None
        await generator.close_async()
        assert generator.async_client is None

    asyncio.run(main())


def test_two_loops_at_once_have_a_client_of_their_own_settings_each(url: str) -> None:
    generator = made(url, http_client_kwargs={"headers": {"x-own": "1"}})

    async def answers() -> None:
        assert (await generator.run_async(HELLO))["replies"][0].text == "Hello there"

    async def main() -> None:
        await answers()
        await asyncio.to_thread(asyncio.run, answers())
        await answers()
        await generator.close_async()
        await answers()

    asyncio.run(main())


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_a_copy_is_a_component_too(url: str, way: Any) -> None:
    generator = made(url)
    generator.run(HELLO)
    copied = way(generator)
    assert copied.run(HELLO)["replies"][0].text == "Hello there"
    assert copied.to_dict() == generator.to_dict()


# --- embedders ---


def test_the_text_embedder(url: str, emulator: Emulator) -> None:
    embedder = AIMLAPITextEmbedder(api_base_url=url, prefix="q: ", dimensions=4)
    found = embedder.run("cats")
    assert len(found["embedding"]) == 4
    assert found["meta"]["usage"]["total_tokens"] == 2
    assert emulator.requests[-1].json() == {
        "model": "text-embedding-3-small", "input": ["q: cats"], "dimensions": 4}  # fmt: skip
    assert asyncio.run(embedder.run_async("cats")) == found
    with pytest.raises(TypeError, match="AIMLAPIDocumentEmbedder"):
        embedder.run([Document(content="cats")])  # type: ignore[arg-type]


def test_a_count_that_is_null_counts_nothing() -> None:
    usage = {"prompt_tokens": 3, "total_tokens": None, "details": {"cached": 1}}
    vector = {"object": "embedding", "index": 0, "embedding": [0.5]}

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"object": "list", "model": "m", "data": [vector], "usage": usage}
        )

    embedder = AIMLAPITextEmbedder(
        api_key=Secret.from_token("key"),
        http_client_kwargs={"transport": httpx.MockTransport(answer)},
    )
    assert embedder.run("cats")["meta"] == {"model": "m", "usage": {"prompt_tokens": 3}}


def test_the_document_embedder(url: str, emulator: Emulator) -> None:
    documents = [Document(content=word, meta={"title": f"T {word}"}) for word in "abc"]
    embedder = AIMLAPIDocumentEmbedder(
        api_base_url=url, batch_size=2, meta_fields_to_embed=["title"], dimensions=4
    )
    found = embedder.run(documents)
    assert [r.json()["input"] for r in emulator.requests] == [["T a\na", "T b\nb"], ["T c\nc"]]
    assert [d.content for d in found["documents"]] == ["a", "b", "c"]
    assert all(len(d.embedding) == 4 for d in found["documents"])
    assert documents[0].embedding is None
    assert found["meta"]["usage"]["total_tokens"] == 9
    assert asyncio.run(embedder.run_async(documents))["documents"] == found["documents"]
    assert embedder.run([]) == {"documents": [], "meta": {"model": None, "usage": {}}}
    with pytest.raises(TypeError, match="AIMLAPITextEmbedder"):
        embedder.run("cats")  # type: ignore[arg-type]


@pytest.mark.parametrize("cls", [AIMLAPITextEmbedder, AIMLAPIDocumentEmbedder])
def test_embedders_are_saved_and_loaded(url: str, cls: Any) -> None:
    pipeline = Pipeline()
    pipeline.add_component("embedder", cls(api_base_url=url, prefix="p", dimensions=4))
    saved = pipeline.dumps()
    assert Pipeline.loads(saved).dumps() == saved


def test_the_import_adds_little() -> None:
    code = ("import time, haystack, haystack.tools, haystack.dataclasses, haystack.utils;"
            " from haystack.tools import Toolset; import haystack.core.pipeline, pydantic;"
            " b = time.process_time(); import polychat.integrations.haystack;"
            " print(time.process_time() - b)")  # fmt: skip
    command = [sys.executable, "-c", code]
    for _ in range(3):  # CPU time, which a busy machine stretches less than the clock
        spent = float(subprocess.run(command, capture_output=True, check=True).stdout)
        if spent < 0.15:
            break
    assert spent < 0.15


@pytest.mark.parametrize(("data", "why"), [
    ([{"index": 0, "embedding": [1.0]}], "asked for 2 embeddings, got 1"),
    ([{"index": 0, "embedding": [1.0]}] * 2, "index 0 of the embeddings came twice"),
    ([{"index": 1, "embedding": [1.0]}, {"index": 0}], "no vector came for text 0"),
])  # fmt: skip
def test_vectors_that_are_not_those_of_the_documents(data: Any, why: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": data}))
    embedder = AIMLAPIDocumentEmbedder(
        api_key=Secret.from_token("k"),
        api_base_url="http://x/v1",
        http_client_kwargs={"transport": transport},
    )
    with pytest.raises(errors.ResponseParseError, match=why):
        embedder.run([Document(content="a"), Document(content="b")])


def test_vectors_in_another_order_go_to_their_documents() -> None:
    data = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": data}))
    embedder = AIMLAPIDocumentEmbedder(
        api_key=Secret.from_token("k"),
        api_base_url="http://x/v1",
        http_client_kwargs={"transport": transport},
    )
    found = embedder.run([Document(content="a"), Document(content="b")])["documents"]
    assert [(one.content, one.embedding) for one in found] == [("a", [1.0]), ("b", [2.0])]
