"""What type checkers see of polychat.aleph_alpha; mypy and pyright read this, nothing runs it."""

from __future__ import annotations

from typing import assert_type

from polychat.aleph_alpha import (
    AsyncClient,
    ChatRequest,
    ChatResponse,
    ChatStreamChunk,
    Client,
    CompletionRequest,
    CompletionSummary,
    FinishReason,
    Message,
    Prompt,
    Role,
    StreamChunk,
    StreamSummary,
    TextMessage,
    ToolCall,
    Usage,
)

ASK = ChatRequest("m", [TextMessage(Role.User, "a"), Message(Role.User, ["a", "b"])], n=2)


def sync_calls(client: Client) -> None:
    answer = client.chat(ASK, timeout=5, extra_body={"seed": 1})
    assert_type(answer, ChatResponse)
    assert_type(answer.usage, Usage | None)
    assert_type(answer.message.content, str)
    with client.chat_with_streaming(ASK) as stream:
        for item in stream:
            assert_type(item, ChatStreamChunk | ToolCall | Usage | FinishReason)
    for piece in client.complete_with_streaming(CompletionRequest(Prompt("a")), "m"):
        assert_type(piece, StreamChunk | StreamSummary | CompletionSummary)


async def async_calls(client: AsyncClient) -> None:
    assert_type(await client.chat(ASK), ChatResponse)
    async for item in client.chat_with_streaming(ASK):
        assert_type(item, ChatStreamChunk | ToolCall | Usage | FinishReason)


def refused(client: Client) -> None:
    client.chat(ASK, colour=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    TextMessage(Role.User, "a").content = "b"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
