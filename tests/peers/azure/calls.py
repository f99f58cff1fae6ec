"""The script that azure-ai-inference and polychat.azure both run: one `Case` a call.

Each case makes its arguments from a library's models module, so that nothing of one library is
handed to the other.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Make = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A call: the client, what it is made with, the method and its arguments."""

    name: str
    arguments: Make
    client: str = "ChatCompletionsClient"
    made_with: Make = field(default=lambda m: {})
    method: str = "complete"
    path: str = "/models"
    positional: Callable[[Any], tuple[Any, ...]] = field(default=lambda m: ())


def hi(m: Any) -> dict[str, Any]:
    return {"messages": [m.UserMessage("hi there")]}


def also(**more: Any) -> Make:
    """The plain call with more keywords."""
    return lambda m: {**hi(m), **more}


def tools(m: Any) -> list[Any]:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    function = m.FunctionDefinition(name="weather", description="Tells it", parameters=schema)
    return [m.ChatCompletionsToolDefinition(function=function)]


def round_trip(m: Any) -> list[Any]:
    call = m.ChatCompletionsToolCall(
        id="call_1", function=m.FunctionCall(name="weather", arguments='{"city": "Lisbon"}')
    )
    return [
        m.SystemMessage("Be brief."),
        m.UserMessage("Weather?"),
        m.AssistantMessage(tool_calls=[call]),
        m.ToolMessage("17 °C", tool_call_id="call_1"),
    ]


def body(m: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": "from a body"}], "temperature": 0.1}


MESSAGES: dict[str, Callable[[Any], list[Any]]] = {
    "dicts": lambda m: [{"role": "user", "content": "plain dicts"}],
    "system": lambda m: [m.SystemMessage("Be brief."), m.UserMessage("Who?")],
    "developer": lambda m: [m.DeveloperMessage("Be brief."), m.UserMessage("Who?")],
    "keywords": lambda m: [m.SystemMessage(content="a"), m.UserMessage(content="b")],
    "mappings": lambda m: [m.UserMessage({"role": "user", "content": "mapped"})],
    "assistant": lambda m: [m.UserMessage("a"), m.AssistantMessage("b"), m.UserMessage("c")],
    "tool round trip": round_trip,
    "tool content keyword": lambda m: [
        *round_trip(m)[:3],
        m.ToolMessage(tool_call_id="call_1", content="cold"),
    ],
    "unicode": lambda m: [m.UserMessage("naïve 日本 🙂 \u2028 \x7f")],
    "escapes": lambda m: [m.UserMessage('quotes " \\ / tabs \t lines \n end')],
    "text items": lambda m: [
        m.UserMessage([m.TextContentItem(text="one "), m.TextContentItem(text="two")])
    ],
    "image url": lambda m: [
        m.UserMessage(
            [
                m.TextContentItem(text="see"),
                m.ImageContentItem(image_url=m.ImageUrl(url="http://x/y.png")),
            ]
        )
    ],
    "image detail": lambda m: [
        m.UserMessage(
            [
                m.ImageContentItem(
                    image_url=m.ImageUrl(url="http://x/y.png", detail=m.ImageDetailLevel.HIGH)
                )
            ]
        )
    ],
    "audio": lambda m: [
        m.UserMessage(
            [
                m.AudioContentItem(
                    input_audio=m.InputAudio(data="AAAA", format=m.AudioContentFormat.WAV)
                )
            ]
        )
    ],
    "content dicts": lambda m: [m.UserMessage(content=[{"type": "text", "text": "as dict"}])],
    "long": lambda m: [m.UserMessage("word " * 500)],
    "empty text": lambda m: [m.UserMessage("")],
    "changed": lambda m: [changed(m)],
    "deep copy": lambda m: [__import__("copy").deepcopy(m.UserMessage("copied"))],
}


def changed(m: Any) -> Any:
    message = m.UserMessage("before")
    message.content = "after"
    message["name"] = "Ann"
    return message


FIELDS: dict[str, Make] = {
    "frequency_penalty": also(frequency_penalty=0.5),
    "presence_penalty": also(presence_penalty=-0.5),
    "temperature": also(temperature=0.0),
    "top_p": also(top_p=0.25),
    "max_tokens": also(max_tokens=1),
    "stop": also(stop=["there"]),
    "seed": also(seed=7),
    "model": also(model="gpt-4o"),
    "text": also(response_format="text"),
    "json_object": also(response_format="json_object"),
    "json_schema": lambda m: {
        **hi(m),
        "response_format": m.JsonSchemaFormat(
            name="n",
            schema={"type": "object", "properties": {"a": {"type": "string"}}},
            description="d",
            strict=True,
        ),
    },
    "tools": lambda m: {**hi(m), "tools": tools(m)},
    "tool dicts": lambda m: {**hi(m), "tools": [t.as_dict() for t in tools(m)]},
    "tool_choice text": lambda m: {**hi(m), "tools": tools(m), "tool_choice": "none"},
    "tool_choice preset": lambda m: {
        **hi(m),
        "tools": tools(m),
        "tool_choice": m.ChatCompletionsToolChoicePreset.REQUIRED,
    },
    "tool_choice named": lambda m: {
        **hi(m),
        "tools": tools(m),
        "tool_choice": m.ChatCompletionsNamedToolChoice(
            function=m.ChatCompletionsNamedToolChoiceFunction(name="weather")
        ),
    },
    "all": lambda m: {
        **hi(m),
        "frequency_penalty": 0.1,
        "presence_penalty": 0.2,
        "temperature": 0.3,
        "top_p": 0.4,
        "max_tokens": 50,
        "seed": 3,
        "stop": ["x"],
        "model": "m",
        "tools": tools(m),
        "response_format": "text",
    },
    "model_extras": also(model_extras={"top_k": 3, "safe": True}),
    "model_extras over a field": also(temperature=0.1, model_extras={"temperature": 0.9}),
    "empty model_extras": also(model_extras={}),
    "extras with null": also(model_extras={"logit_bias": None}),
    "stream false": also(stream=False),
    "float for int": also(max_tokens=None, temperature=1),
}

KEYWORDS: dict[str, Make] = {
    "headers": also(headers={"X-Mine": "1", "traceparent": "00-1"}),
    "content type in headers": also(headers={"Content-Type": "application/json; charset=utf-8"}),
    "content_type": also(content_type="application/json"),
    "params": also(params={"tenant": "t 1", "flag": "on"}),
    "request_id": also(request_id="my-id"),
    "no request_id": also(request_id=None),
    "user_agent": also(user_agent="MyApp"),
    "user_agent_overwrite": also(user_agent="Only", user_agent_overwrite=True),
    "timeouts": also(connection_timeout=3, read_timeout=9),
    "timeout": also(timeout=30),
    "retry_total": also(retry_total=0),
    "logging_enable": also(logging_enable=True),
    "error_map unused": also(error_map={418: ValueError}),
    "connection_verify": also(connection_verify=False),
}

CLIENT: dict[str, Make] = {
    "temperature": lambda m: {"temperature": 0.7},
    "all defaults": lambda m: {
        "temperature": 0.7,
        "top_p": 0.1,
        "max_tokens": 9,
        "seed": 1,
        "stop": ["z"],
        "frequency_penalty": 0.1,
        "presence_penalty": 0.1,
        "model": "dep",
    },
    "response_format": lambda m: {"response_format": "json_object"},
    "schema": lambda m: {
        "response_format": m.JsonSchemaFormat(name="n", schema={"type": "object"})
    },
    "tools": lambda m: {"tools": tools(m), "tool_choice": "auto"},
    "extras": lambda m: {"model_extras": {"top_k": 1}},
    "api_version": lambda m: {"api_version": "2024-12-01-preview"},
    "headers": lambda m: {"headers": {"X-Client": "c"}},
    "own api-key": lambda m: {"headers": {"api-key": "another"}},
    "user_agent": lambda m: {"user_agent": "MyAppId"},
    "request_id": lambda m: {"request_id": "fixed"},
    "timeouts": lambda m: {"connection_timeout": 5, "read_timeout": 5},
    "retries": lambda m: {"retry_total": 2, "retry_backoff_factor": 0.01},
    "credential_scopes": lambda m: {
        "credential_scopes": ["https://cognitiveservices.azure.com/.default"]
    },
}

STREAMS: dict[str, Make] = {
    "plain": also(stream=True),
    "tools": lambda m: {**hi(m), "stream": True, "tools": tools(m)},
    "unicode": lambda m: {"messages": [m.UserMessage("日本 語 🙂 ß")], "stream": True},
    "usage": also(stream=True, model_extras={"stream_options": {"include_usage": True}}),
    "two choices": also(stream=True, model_extras={"n": 2}),
    "extras": also(stream=True, model_extras={"top_k": 2}),
    "bytes one by one": also(stream=True, model="fault:dribble"),
    "refused": also(stream=True, model="missing"),
    "crlf": also(stream=True, model="fault:framing=crlf"),
    "cr": also(stream=True, model="fault:framing=cr"),
    "no space": also(stream=True, model="fault:framing=nospace"),
    "comments": also(stream=True, model="fault:framing=comments"),
    "multiline": also(stream=True, model="fault:framing=multiline"),
    "bom": also(stream=True, model="fault:framing=bom"),
    "event lines": also(stream=True, model="fault:framing=event-lines"),
    "error event": also(stream=True, model="fault:error-event=2"),
    "truncated": also(stream=True, model="fault:truncate=2"),
    "cut": also(stream=True, model="fault:cut=2"),
    "slow start": also(stream=True, model="fault:slow=0.05"),
    "system": lambda m: {"messages": [m.SystemMessage("s"), m.UserMessage("u v")], "stream": True},
}

FAULTS: dict[str, Make] = {
    "not found": also(model="missing"),
    "400": also(model="fault:status=400"),
    "401": also(model="fault:status=401"),
    "403": also(model="fault:status=403"),
    "404": also(model="fault:status=404"),
    "409": also(model="fault:status=409"),
    "412": also(model="fault:status=412"),
    "418": also(model="fault:status=418"),
    "422": also(model="fault:status=422"),
    "429": also(model="fault:status=429", retry_total=0),
    "500": also(model="fault:status=500", retry_total=0),
    "503": also(model="fault:status=503", retry_total=0),
    "500 html": also(model="fault:status=500,html", retry_total=0),
    "400 empty": also(model="fault:status=400,empty"),
    "200 html": also(model="fault:html"),
    "200 empty": also(model="fault:empty"),
    "200 half a document": also(model="fault:malformed"),
    "503 then good": also(model="fault:status=503,times=1"),
    "500 then good": also(model="fault:status=500,times=1"),
    "504 then good": also(model="fault:status=504,times=1"),
    "429 with Retry-After then good": also(model="fault:status=429,retry-after=0,times=1"),
    "429 then good": also(model="fault:status=429,times=1"),
    "502 then good": also(model="fault:status=502,times=1"),
    "408 then good": also(model="fault:status=408,times=1"),
    "400 with Retry-After": also(model="fault:status=400,retry-after=0,times=1"),
    "a broken Retry-After": also(model="fault:status=503,retry-after=soon,times=1"),
    "error_map": also(model="fault:status=404", error_map={404: KeyError}),
}

EMBED: dict[str, Make] = {
    "one": lambda m: {"input": ["a"]},
    "several": lambda m: {"input": ["a", "b", "c"]},
    "dimensions": lambda m: {"input": ["a"], "dimensions": 4},
    "base64": lambda m: {"input": ["a"], "encoding_format": m.EmbeddingEncodingFormat.BASE64},
    "float": lambda m: {"input": ["a"], "encoding_format": "float"},
    "input_type": lambda m: {"input": ["a"], "input_type": m.EmbeddingInputType.QUERY},
    "model": lambda m: {"input": ["a"], "model": "emb"},
    "extras": lambda m: {"input": ["a"], "model_extras": {"truncate": "END"}},
    "headers": lambda m: {"input": ["a"], "headers": {"X-Mine": "1"}},
    "not found": lambda m: {"input": ["a"], "model": "missing"},
    "body": lambda m: {"body": {"input": ["from", "body"]}},
    "bytes": lambda m: {"body": b'{"input": ["raw"]}'},
    "file": lambda m: {"body": io.BytesIO(b'{"input": ["file"]}')},
    "missing argument": lambda m: {},
}
IMAGES: dict[str, Make] = {
    "one": lambda m: {"input": [m.ImageEmbeddingInput(image="data:image/png;base64,AA")]},
    "with text": lambda m: {"input": [m.ImageEmbeddingInput(image="data:,", text="t")]},
    "dicts": lambda m: {"input": [{"image": "data:,"}]},
    "all": lambda m: {
        "input": [{"image": "data:,"}],
        "dimensions": 3,
        "model": "m",
        "encoding_format": "float",
        "input_type": "document",
    },
    "body": lambda m: {"body": {"input": [{"image": "data:,"}]}},
    "missing argument": lambda m: {},
}
BODIES: dict[str, Make] = {
    "dict": lambda m: {"body": body(m)},
    "dict with models": lambda m: {"body": {"messages": [m.UserMessage("in a body")]}},
    "dict with stream": lambda m: {"body": {**body(m), "stream": True}},
    "dict without stream": lambda m: {"body": {**body(m), "stream": False}},
    "bytes": lambda m: {"body": json.dumps(body(m)).encode()},
    "bytes with stream": lambda m: {
        "body": json.dumps({**body(m), "stream": True}).encode(),
        "stream": True,
    },
    "file": lambda m: {"body": io.BytesIO(json.dumps(body(m)).encode())},
    "dict with extra keys": lambda m: {"body": {**body(m), "top_k": 4}},
    "content type": lambda m: {"body": body(m), "content_type": "application/json"},
    "missing argument": lambda m: {},
    "unsupported format": lambda m: {**hi(m), "response_format": {"type": "text"}},
    "unknown keyword": lambda m: {**hi(m), "bogus": 1},
}
ENDPOINTS = {
    "a path": "/models",
    "a trailing slash": "/models/",
    "with a query": "/models?tenant=t",
    "with api-version": "/models?api-version=2024-09-09",
    "a deployment": "/openai/deployments/gpt-4o",
    "the root": "",
}


def cases() -> list[Case]:
    """The whole script."""
    script = [
        Case(f"messages: {n}", lambda m, f=f: {"messages": f(m)}) for n, f in MESSAGES.items()
    ]
    script += [Case(f"field: {n}", f) for n, f in FIELDS.items()]
    script += [Case(f"keyword: {n}", f) for n, f in KEYWORDS.items()]
    script += [Case(f"client: {n}", hi, made_with=f) for n, f in CLIENT.items()]
    script += [
        Case("client: overridden", also(temperature=0.1), made_with=lambda m: {"temperature": 0.9}),
        Case(
            "client: extras replaced",
            also(model_extras={"b": 1}),
            made_with=lambda m: {"model_extras": {"a": 1}},
        ),
        Case(
            "client: header of both",
            also(headers={"X": "call"}),
            made_with=lambda m: {"headers": {"X": "client", "Y": "y"}},
        ),
    ]
    script += [Case(f"stream: {n}", f) for n, f in STREAMS.items()]
    script += [Case(f"fault: {n}", f) for n, f in FAULTS.items()]
    script += [Case(f"body: {n}", f) for n, f in BODIES.items()]
    script += [Case("body: positional", lambda m: {}, positional=lambda m: (body(m),))]
    script += [Case(f"endpoint: {n}", hi, path=p) for n, p in ENDPOINTS.items()]
    script += [
        Case(f"embed: {n}", f, client="EmbeddingsClient", method="embed") for n, f in EMBED.items()
    ]
    script += [
        Case(
            "embed: defaults",
            EMBED["one"],
            client="EmbeddingsClient",
            method="embed",
            made_with=lambda m: {"dimensions": 2, "model": "e", "input_type": "text"},
        )
    ]
    script += [
        Case(f"images: {n}", f, client="ImageEmbeddingsClient", method="embed")
        for n, f in IMAGES.items()
    ]
    for client in ("ChatCompletionsClient", "EmbeddingsClient", "ImageEmbeddingsClient"):
        script.append(Case(f"info: {client}", lambda m: {}, client=client, method="get_model_info"))
    script.append(Case("info: headers", lambda m: {"headers": {"X": "y"}}, method="get_model_info"))
    script.append(
        Case(
            "info: not there",
            lambda m: {"headers": {"x-emulator-fault": "fault:status=404"}},
            method="get_model_info",
        )
    )
    return script
