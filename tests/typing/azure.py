"""polychat.azure as a user of azure-ai-inference writes it, for mypy and pyright."""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from polychat.azure import (
    AzureKeyCredential,
    ChatCompletionsClient,
    EmbeddingsClient,
    ImageEmbeddingsClient,
    ImageGenerationsClient,
    aio,
    load_client,
)
from polychat.azure.models import (
    AssistantMessage,
    AsyncStreamingChatCompletions,
    ChatChoice,
    ChatCompletions,
    ChatCompletionsToolCall,
    ChatCompletionsToolDefinition,
    CompletionsFinishReason,
    EmbeddingsResult,
    FunctionCall,
    FunctionDefinition,
    ImageContentItem,
    ImageEmbeddingInput,
    ImageGenerationsResult,
    ImageUrl,
    JsonSchemaFormat,
    ModelInfo,
    StreamingChatCompletions,
    StreamingChatCompletionsUpdate,
    SystemMessage,
    TextContentItem,
    ToolMessage,
    UserMessage,
)
from polychat.azure.prompts import PromptTemplate

KEY = AzureKeyCredential("key")
TOOL = ChatCompletionsToolDefinition(function=FunctionDefinition(name="f", parameters={}))


def chats() -> None:
    client = ChatCompletionsClient("https://x/models", KEY, temperature=0.5, read_timeout=10)
    image = ImageContentItem(image_url=ImageUrl(url="https://x/y.png", detail="low"))
    call = ChatCompletionsToolCall(id="1", function=FunctionCall(name="f", arguments="{}"))
    result = client.complete(
        messages=[
            SystemMessage("Be brief."),
            UserMessage([TextContentItem(text="What is this?"), image]),
            AssistantMessage(tool_calls=[call]),
            ToolMessage("a cat", tool_call_id="1"),
        ],
        tools=[TOOL],
        response_format=JsonSchemaFormat(name="n", schema={}),
        max_completion_tokens=5,
        headers={"X": "y"},
    )
    assert_type(result, ChatCompletions)
    assert_type(result.choices, list[ChatChoice])
    assert_type(result.created, datetime)
    assert_type(result.choices[0].finish_reason, str | CompletionsFinishReason)
    assert_type(result.choices[0].message.content, str)
    assert_type(client.get_model_info(), ModelInfo)
    assert_type(client.complete({"messages": []}), ChatCompletions | StreamingChatCompletions)
    with client.complete(messages=[{"role": "user", "content": "hi"}], stream=True) as stream:
        for update in stream:
            assert_type(update, StreamingChatCompletionsUpdate)


def vectors() -> None:
    result = EmbeddingsClient("https://x/models", KEY).embed(input=["a"], dimensions=3)
    assert_type(result, EmbeddingsResult)
    assert_type(result.data[0].embedding, str | list[float])
    assert_type(result.data[0].vector, list[float])
    images = ImageEmbeddingsClient("https://x/models", KEY)
    assert_type(images.embed(input=[ImageEmbeddingInput(image="data:,")]), EmbeddingsResult)
    made = ImageGenerationsClient("https://x/models", KEY).generate(prompt="a cat", n=1)
    assert_type(made, ImageGenerationsResult)


async def asynchronously() -> None:
    async with aio.ChatCompletionsClient("https://x/openai/v1", KEY, model="m") as client:
        assert_type(await client.complete(messages=[UserMessage("hi")]), ChatCompletions)
        stream = await client.complete(messages=[UserMessage("hi")], stream=True)
        assert_type(stream, AsyncStreamingChatCompletions)
        async for update in stream:
            assert_type(update.choices[0].delta.content, str | None)


def others() -> None:
    assert_type(
        load_client("https://x", KEY),
        ChatCompletionsClient | EmbeddingsClient | ImageEmbeddingsClient,
    )
    messages = PromptTemplate.from_string("user:\n{{x}}").create_messages(x=1)
    ChatCompletionsClient("https://x/models", KEY).complete(messages=messages)
    ChatCompletionsClient("https://x/models", KEY, bogus=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
