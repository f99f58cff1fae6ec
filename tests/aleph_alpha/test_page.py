"""The examples of aleph-alpha-client's public chat page, run as they stand.

Only the import lines differ: another package, and the names that the page forgets to import. The
host is in the environment, and ``chart.png`` in the working directory.
"""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from PIL import Image as PillowImage

from polychat import aleph_alpha
from polychat.emulator import Emulator

SIMPLE = """
from polychat.aleph_alpha import (
    Client, ChatRequest, Message, TextMessage, Role,
    FinishReason, StreamOptions, AsyncClient, ChatStreamChunk, Usage
)

client = Client(token="your-api-token")

# Simple chat conversation
messages = [
    TextMessage(role=Role.System, content="You are a helpful AI assistant."),
    TextMessage(role=Role.User, content="What is the capital of Spain?")
]

request = ChatRequest(
    model="luminous-extended",
    messages=messages,
    maximum_tokens=100,
    temperature=0.7
)

response = client.chat(request, model="luminous-extended")
print(f"Assistant: {response.message.content}")
print(f"Finish reason: {response.finish_reason}")
"""

TURNS = """
conversation = [
    TextMessage(role=Role.System, content="You are a helpful coding assistant."),
    TextMessage(role=Role.User, content="How do I reverse a string in Python?"),
]

# Get first response
request = ChatRequest(model="luminous-extended", messages=conversation)
response = client.chat(request, model="luminous-extended")

# Add assistant response to conversation
conversation.append(response.message)

# Continue conversation
conversation.append(TextMessage(
    role=Role.User,
    content="Can you show me a more efficient way?"
))

request = ChatRequest(model="luminous-extended", messages=conversation)
response = client.chat(request, model="luminous-extended")
print(f"Assistant: {response.message.content}")
"""

PICTURES = """
from polychat.aleph_alpha import Image

image = Image.from_file("chart.png")
multimodal_message = Message(
    role=Role.User,
    content=["What trends do you see in this chart?", image]
)

request = ChatRequest(
    model="luminous-extended",
    messages=[multimodal_message],
    maximum_tokens=200
)

response = client.chat(request, model="luminous-extended")
print(response.message.content)
"""

STREAMING = """
import asyncio

async def streaming_chat():
    async with AsyncClient(token="your-api-token") as client:
        messages = [
            TextMessage(role=Role.User, content="Tell me a story about robots.")
        ]

        request = ChatRequest(
            model="luminous-extended",
            messages=messages,
            maximum_tokens=300,
            temperature=0.8,
            stream_options=StreamOptions(include_usage=True)
        )

        print("Assistant: ", end="", flush=True)
        async for item in client.chat_with_streaming(request, "luminous-extended"):
            if isinstance(item, ChatStreamChunk):
                print(item.content, end="", flush=True)
            elif isinstance(item, Usage):
                print(f"\\nTokens used: {item.total_tokens}")
            elif isinstance(item, FinishReason):
                print(f"\\nFinished: {item}")

asyncio.run(streaming_chat())
"""

STRUCTURED = """
from polychat.aleph_alpha import JSONSchema

# Define response schema
schema = JSONSchema(
    name="story_analysis",
    description="Analysis of a story",
    schema={
        "type": "object",
        "properties": {
            "theme": {"type": "string"},
            "characters": {"type": "array", "items": {"type": "string"}},
            "rating": {"type": "integer", "minimum": 1, "maximum": 10}
        },
        "required": ["theme", "characters", "rating"]
    }
)

request = ChatRequest(
    model="luminous-extended",
    messages=[
        TextMessage(role=Role.User, content="Analyze this story: [story text]")
    ],
    response_format=schema
)

response = client.chat(request, model="luminous-extended")
# Response will be structured JSON matching the schema
"""


def test_the_pages_examples_run(
    emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AA_CLIENT_BASE_URL", emulator.url("aleph_alpha"))
    monkeypatch.chdir(tmp_path)
    PillowImage.new("RGB", (2, 2)).save("chart.png")
    names: dict[str, object] = {}

    def run(snippet: str) -> str:
        exec(snippet, names)  # the page's own text
        return capsys.readouterr().out

    said = run(SIMPLE)
    assert "Assistant: What is the capital of Spain?" in said
    assert "Finish reason: FinishReason.Stop" in said
    assert run(TURNS) == "Assistant: Can you show me a more efficient way?\n"
    roles = [message["role"] for message in emulator.requests[-1].json()["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert run(PICTURES) == "What trends do you see in this chart?\n"
    streamed = run(STREAMING)
    assert streamed.startswith("Assistant: Tell me a story about robots.")
    assert "Finished: FinishReason.Stop" in streamed
    assert "Tokens used: 12" in streamed
    run(STRUCTURED)
    response = names["response"]
    assert isinstance(response, aleph_alpha.ChatResponse)
    assert set(response.parsed) == {"theme", "characters", "rating"}
    names["client"].close()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("ChatRequest", ("model messages maximum_tokens temperature top_k top_p stream_options"
                         " steering_concepts response_format")),
        ("Message", "role content"),
        ("TextMessage", "role content"),
        ("ChatResponse", "finish_reason message"),
        ("StreamOptions", "include_usage"),
        ("Usage", "completion_tokens prompt_tokens total_tokens"),
        ("ChatStreamChunk", "content role"),
    ],
)  # fmt: skip
def test_the_pages_classes_have_their_fields_in_order(name: str, fields: str) -> None:
    parameters = list(inspect.signature(getattr(aleph_alpha, name)).parameters)
    assert parameters[: len(fields.split())] == fields.split()
