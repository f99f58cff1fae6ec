"""Typed low-level calls through a client's ``.rest``, and that no operation is left untried."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest

from polychat.dial import AsyncDial, Dial, DialException
from polychat.emulator import Emulator
from polychat_rest.dial import api as dial_api
from polychat_rest.dial.api.deployments import get_deployment_info
from polychat_rest.dial.api.messages import (
    count_message_tokens,
    create_message,
    list_message_models,
)
from polychat_rest.dial.api.responses import (
    cancel_response,
    create_response,
    delete_response,
    get_response,
)
from polychat_rest.dial.models import AnthropicAnswer, ResponsesAnswer

MESSAGE: Any = {
    "model": "echo",
    "max_tokens": 100,
    "system": "be short",
    "messages": [{"role": "user", "content": [{"type": "text", "text": "one two three"}]}],
}


@pytest.fixture
def client(emulator: Emulator) -> Any:
    with Dial(base_url=emulator.url("dial"), api_key="k", max_retries=0) as dial:
        yield dial


def test_responses(client: Dial) -> None:
    made = create_response.sync(client=client.rest, body={"model": "echo", "input": "hi there"})
    assert isinstance(made, ResponsesAnswer)
    assert made.output[0].content == [
        {"type": "output_text", "text": "hi there", "annotations": []}
    ]
    assert made.usage is not None
    assert made.usage.total_tokens == 4
    found = get_response.sync(made.id, client=client.rest)
    assert isinstance(found, ResponsesAnswer)
    assert found.status == "completed"
    cancelled = cancel_response.sync(made.id, client=client.rest)
    assert isinstance(cancelled, ResponsesAnswer)
    assert cancelled.status == "cancelled"
    assert delete_response.sync(made.id, client=client.rest).deleted  # type: ignore[union-attr]
    with pytest.raises(DialException) as caught:
        get_response.sync(made.id, client=client.rest)
    assert caught.value.status_code == 404


def test_streamed_responses(client: Dial) -> None:
    body: Any = {"model": "echo", "input": [{"role": "user", "content": "hi there you"}]}
    with create_response.stream(client=client.rest, body=body) as events:
        seen = list(events)
    assert "".join(event.delta or "" for event in seen) == "hi there you"
    assert [seen[0].type, seen[-1].type] == ["response.created", "response.completed"]
    assert isinstance(seen[-1].response, ResponsesAnswer)
    assert seen[-1].response.output[0].role == "assistant"


def test_messages(client: Dial) -> None:
    made = create_message.sync(client=client.rest, body=MESSAGE)
    assert isinstance(made, AnthropicAnswer)
    assert (made.content[0].text, made.stop_reason) == ("one two three", "end_turn")
    counted = count_message_tokens.sync(client=client.rest, body=MESSAGE)
    assert counted.input_tokens == 5  # type: ignore[union-attr]
    listed = list_message_models.sync(client=client.rest)
    assert [model.id for model in listed.data or ()] == ["echo"]  # type: ignore[union-attr]


def test_streamed_messages_asynchronously(emulator: Emulator) -> None:
    async def main() -> list[Any]:
        async with AsyncDial(base_url=emulator.url("dial"), api_key="k") as dial:
            stream = await create_message.astream(client=dial.rest, body=MESSAGE)
            async with stream as events:
                return [event async for event in events]

    seen = asyncio.run(main())
    texts = [event.delta.text for event in seen if event.type == "content_block_delta"]
    assert "".join(texts) == "one two three"
    assert seen[0].message.role == "assistant"
    assert seen[-2].usage.output_tokens == 3


def test_one_deployment_of_the_newer_list(client: Dial) -> None:
    found = get_deployment_info.sync("stages", client=client.rest)
    assert (found.id, found.object) == ("stages", "application")  # type: ignore[union-attr]


def operations() -> dict[str, str]:
    """Each operation's module, and its id."""
    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(dial_api.__path__, "polychat_rest.dial.api."):
        if not module.ispkg:
            operation = getattr(importlib.import_module(module.name), "OPERATION", None)
            if operation is not None:
                found[".".join(module.name.split(".")[-2:])] = operation.id
    return found


def test_every_operation_is_called_by_a_test_or_answered_here() -> None:
    """Each is reached from the room by its name, or imported above; and the emulator knows it."""
    from polychat.emulator.dial import DIAL

    room = Path(importlib.import_module("polychat.dial").__path__[0])
    written = "\n".join(path.read_text(encoding="utf-8") for path in room.glob("*.py"))
    written += Path(__file__).read_text(encoding="utf-8")
    made = {
        f"{kind}.{verb}_{extra}{kind[:-1]}"
        for kind in ("files", "conversations", "prompts", "applications", "toolsets")
        for verb in ("upload", "download", "get", "save", "delete")
        for extra in ("", "custom_")
    }
    made |= {f"metadata.get_{one}_metadata" for one in ("file", "conversation", "prompt")}
    made |= {f"metadata.get_{one}_metadata" for one in ("application", "toolset")}
    made |= {f"applications.{verb}deploy_application" for verb in ("", "un", "re")}
    made |= {"resources.move_resource", "resources.copy_resource", "skills.get_skill_metadata"}
    found = operations()
    assert len(found) >= 80
    for name, identity in found.items():
        module = name.partition(".")[2]
        imported = re.search(
            rf"(^    {module},|import {module}|\.{module} import build_request)$",
            written,
            re.MULTILINE,
        )
        assert f'"{name}"' in written or name in made or imported, name
        assert identity in DIAL.handlers, identity
