"""Every method of AIMLAPI's clients, in both colours, against the emulator, which holds each
request against the spec."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest

from polychat import errors, response_of
from polychat.aimlapi import AimlApi, AsyncAimlApi, Cost, cost_of, trace_of
from polychat.aimlapi import _queries as queries
from polychat.aimlapi._resource import endpoint
from polychat.emulator import Emulator

from .conftest import Asker

HELLO = [{"role": "user", "content": "Hello there"}]
SIMPLE: list[tuple[str, tuple[Any, ...], dict[str, Any], str, Any]] = [
    ("embeddings.create", (), {"model": "e", "input": ["a", "b"]}, "data.1.index", 1),
    ("images.generate", (), {"model": "i", "prompt": "A cat", "n": 2,
                             "response_format": "b64_json"}, "data.1.url", None),
    ("images.edit", (), {"model": "i", "prompt": "A red cat", "image": "https://x.example/cat.png"},
     "data.0.url", "https://cdn.example.com/edited-3.png"),
    ("audio.transcribe", (), {"model": "s"}, "metadata.channels", 1),
    ("ocr.process", (), {"model": "o", "document": {"type": "image_url",
                         "image_url": "https://x.example/a.png"}},
     "pages.0.markdown", "# Page of https://x.example/a.png"),
    ("batches.create", (), {"requests": [{"custom_id": "1", "params": {"model": "c"}}]},
     "request_counts.succeeded", 1),
    ("models.get", ("echo",), {}, "id", "echo"),
    ("models.metrics", (), {"aliases": "echo"}, "models.0.alias", "echo"),
    ("keys.list", (), {}, "data.0.name", "emulator"),
    ("keys.current", (), {}, "data.prefix", "sk-emulat"),
    ("keys.create", (), {"name": "new"}, "data.key", "sk-emulator-made-this"),
    ("keys.update", ("sk-1",), {"disabled": True}, "data.disabled", True),
    ("keys.replace", ("sk-1",), {"name": "n", "disabled": False, "scopes": ["chat"]},
     "data.scopes.0", "chat"),
    ("keys.delete", ("sk-1",), {}, "data.deleted", True),
    ("billing.balance", (), {}, "balance", 1_000_000),
    ("billing.get", (), {}, "current_balance", 12.5),
    ("billing.detail", (), {}, "user_id", 1),
    ("billing.transactions", (), {"from_": "2026-01-01", "limit": 1}, "data.0.amount.usd", 0.5),
    ("usage.get", (), {"period": "month"}, "spend", 1.5),
    ("usage.detail", (), {"group_by": "day,model", "tz": "UTC"}, "models.0.model", "echo"),
    ("usage.logs", (), {"status": "failed", "limit": 1}, "data.0.inference_id", "inf-1"),
]  # fmt: skip


def at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    return value


@pytest.mark.parametrize(("path", "args", "params", "where", "expected"), SIMPLE)
def test_a_call(ask: Asker, path: str, args: Any, params: Any, where: str, expected: Any) -> None:
    result = ask(path, *args, **params)
    assert at(result, where) == expected
    assert response_of(result).status in (200, 201)


def test_a_batch_is_found_and_ended(ask: Asker) -> None:
    made = ask("batches.create", requests=[{"custom_id": "1", "params": {"model": "c"}}])
    assert ask("batches.get", made.id).processing_status == "ended"
    assert ask("batches.cancel", made.id).id == made.id


def test_models_are_listed_by_type(ask: Asker, emulator: Emulator) -> None:
    models = ask("models.list", type="embedding")
    assert [model.id for model in models] == ["emulator/embed"]
    assert emulator.requests[-1].path == "/aimlapi/v1/models?type=embedding"


def test_images_as_links_tell_link_price_and_ids(ask: Asker, emulator: Emulator) -> None:
    made = ask("images.generate_with_url", model="i", prompt="A cat")
    assert made.data[0].url.startswith("data:image/png")
    assert made.meta.usage.credits_used == 20
    assert trace_of(made).inference_id == response_of(made).request_id is not None
    assert emulator.requests[-1].json() == {"model": "i", "prompt": "A cat"}


def test_chat_sends_what_was_given_and_extras(ask: Asker, emulator: Emulator) -> None:
    answer = ask(
        "chat.completions.create", model="echo", messages=HELLO, top_k=5, temperature=None,
        extra_body={"safe_prompt": True},
    )  # fmt: skip
    assert answer.choices[0].message.content == "Hello there"
    sent = emulator.requests[-1].json()
    assert sent == {"model": "echo", "messages": HELLO, "top_k": 5, "safe_prompt": True}


def test_every_answer_tells_its_price_and_ids(ask: Asker) -> None:
    answer = ask("chat.completions.create", model="echo", messages=HELLO,
                 extra_headers={"x-client-request-id": "mine-1"})  # fmt: skip
    assert cost_of(answer) == Cost(40, 0.00002)
    assert trace_of(answer).client_request_id == "mine-1"
    assert trace_of(answer).inference_id == response_of(answer).request_id
    vectors = ask("embeddings.create", model="e", input="a b")
    del vectors.additional_properties["meta"]  # as the spec has it: only the headers tell
    assert cost_of(vectors) == Cost(20.0, 0.00001)
    assert cost_of(ask("billing.get")) is None


def test_a_streams_last_chunk_tells_its_price(ask: Asker) -> None:
    chunks = ask.events("chat.completions.create", model="echo", messages=HELLO, stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "Hello there"
    assert [cost_of(chunk) for chunk in chunks] == [None] * (len(chunks) - 1) + [Cost(40, 0.00002)]


def test_an_error_tells_its_ids_and_a_remedy(ask: Asker) -> None:
    with pytest.raises(errors.PermissionDeniedError) as caught:
        ask("chat.completions.create", model="fault:status=403", messages=HELLO)
    assert "balance" in str(caught.value)
    assert trace_of(caught.value).inference_id == caught.value.request_id == "inf-refused"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("chat.completions.create", {"messages": HELLO}),
        ("embeddings.create", {"input": "x"}),
        ("video.create", {"prompt": "x"}),
    ],
)
def test_a_model_must_be_named(
    ask: Asker, emulator: Emulator, path: str, field: dict[str, Any]
) -> None:
    with pytest.raises(errors.ConfigurationError, match="model"):
        ask(path, model="", **field)
    assert not emulator.requests


def test_speech_as_bytes_and_as_a_link(ask: Asker) -> None:
    spoken = ask("audio.speech.create", model="t", text="one two")
    assert spoken.content is not None
    assert spoken.content.startswith(b"RIFF")
    assert (spoken.url, spoken.content_type) == (None, "audio/wav")
    assert cost_of(spoken) == Cost(20.0, 0.00001)
    linked = ask("audio.speech.create", model="t", text="one two",
                 extra_headers={"accept": "application/json"})  # fmt: skip
    assert linked.content is None
    assert linked.url.startswith("data:audio/wav")
    assert linked.meta.usage.credits_used == 20


def test_speech_as_it_arrives(ask: Asker, emulator: Emulator) -> None:
    pieces = ask.events("audio.speech.stream", model="t", text="one two")
    assert b"".join(pieces).startswith(b"RIFF")
    assert emulator.requests[-1].json()["stream"] is True


def test_responses_whole_and_streamed(ask: Asker) -> None:
    answer = ask("responses.create", model="m", input="Hello there")
    assert (answer.status, answer.output_text) == ("completed", "Hello there")
    events = ask.events("responses.create", model="m", input="Hello there", stream=True)
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert text == "Hello there"
    assert events[-1].response.usage.total_tokens == 4


def test_messages_whole_and_streamed(ask: Asker) -> None:
    params: dict[str, Any] = {"model": "c", "max_tokens": 9, "messages": HELLO}
    answer = ask("messages.create", **params)
    assert answer.content[0].text == "Hello there"
    assert answer.stop_reason == "end_turn"
    events = ask.events("messages.create", **params, stream=True)
    text = "".join(e.delta.text for e in events if e.type == "content_block_delta")
    assert (text, events[-1].type) == ("Hello there", "message_stop")


def test_messages_call_tools(ask: Asker) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    answer = ask(
        "messages.create", model="c", max_tokens=9,
        messages=[{"role": "user", "content": "It is 7"}],
        tools=[{"name": "count", "input_schema": schema}],
    )  # fmt: skip
    assert (answer.content[0].name, answer.content[0].input) == ("count", {"n": 7})


@pytest.mark.parametrize(("path", "params"), [
    ("messages.create", {"max_tokens": 9, "messages": HELLO}),
    ("responses.create", {"input": "Hello there"}),
])  # fmt: skip
def test_a_cut_stream_of_events_is_noticed(ask: Asker, path: str, params: Any) -> None:
    with pytest.raises(errors.StreamTruncatedError) as caught:
        ask.events(path, model="fault:truncate=3", stream=True, **params)
    assert len(caught.value.chunks) == 3


def test_what_is_billed_is_sent_once(ask: Asker, emulator: Emulator) -> None:
    with pytest.raises(errors.APIConnectionError):
        ask("images.generate", model="fault:drop", prompt="A cat")
    assert len(emulator.requests) == 1


def test_chat_is_sent_again(ask: Asker, emulator: Emulator) -> None:
    answer = ask("chat.completions.create", model="fault:drop,times=1", messages=HELLO)
    assert response_of(answer).attempts == len(emulator.requests) == 2


def test_settings_come_from_the_environment(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMLAPI_API_KEY", "from-environment")
    monkeypatch.setenv("AIMLAPI_API_BASE", emulator.url("aimlapi"))
    monkeypatch.setenv("AIMLAPI_MAX_RETRIES", "0")
    monkeypatch.setenv("AIMLAPI_TIMEOUT", "0.2")
    with AimlApi() as client:
        with pytest.raises(errors.InternalServerError) as caught:
            client.chat.completions.create(model="fault:status=503", messages=HELLO)  # type: ignore[call-overload]
        assert caught.value.attempts == 1
        with pytest.raises(errors.APITimeoutError):
            client.chat.completions.create(model="fault:slow=1", messages=HELLO)  # type: ignore[call-overload]
    assert emulator.requests[0].headers["authorization"] == "Bearer from-environment"
    monkeypatch.setenv("AIMLAPI_TIMEOUT", "soon")
    with pytest.raises(errors.ConfigurationError, match="AIMLAPI_TIMEOUT='soon'"):
        AimlApi()


@pytest.mark.parametrize(("query", "name"), [
    (queries.ModelsQuery, "models.list_models"), (queries.ModelQuery, "models.get_model"),
    (queries.MetricsQuery, "models.model_metrics"),
    (queries.TransactionsQuery, "billing.list_transactions"),
    (queries.UsageQuery, "usage.get_usage"), (queries.UsageDetailQuery, "usage.get_usage_detail"),
    (queries.LogsQuery, "usage.list_logs"),
])  # fmt: skip
def test_the_keywords_of_listings_are_the_specs(query: Any, name: str) -> None:
    own = query.__annotations__.keys() - queries.CallOptions.__annotations__.keys()
    parameters = inspect.signature(endpoint(name).build_request).parameters
    assert own == parameters.keys() - {"id"} | (own & {"id"})


def test_both_clients_have_the_same_parts_and_methods() -> None:
    def names(client: Any) -> set[str]:
        found = set()
        for part in (
            n
            for n in dir(client)
            if isinstance(inspect.getattr_static(type(client), n, None), property)
        ):
            if part not in ("rest", "base_url"):
                found |= {
                    f"{part}.{n}" for n in dir(getattr(client, part)) if not n.startswith("_")
                }
        return found

    sync = names(AimlApi(api_key="k"))
    assert sync == names(AsyncAimlApi(api_key="k"))
    assert {"chat.completions", "video.create_and_wait", "usage.logs", "audio.speech"} <= sync


def test_importing_the_room_loads_no_http_and_no_models() -> None:
    import subprocess
    import sys

    code = "import sys, polychat.aimlapi, json; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = set(json.loads(ran.stdout))
    assert not {"httpx", "httpcore", "anyio", "polychat_rest.aimlapi.models"} & loaded
