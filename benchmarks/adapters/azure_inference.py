"""azure-ai-inference, as its users call it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from azure.ai.inference import ChatCompletionsClient
from azure.core.credentials import AzureKeyCredential

from benchmarks.adapters import KEY, MESSAGES


class Sync:
    """`azure.ai.inference.ChatCompletionsClient`."""

    def __init__(self, url: str) -> None:
        self._client: Any = ChatCompletionsClient(endpoint=url, credential=AzureKeyCredential(KEY))

    def chat(self, model: str) -> str:
        answer = self._client.complete(messages=MESSAGES, model=model)
        text: str = answer.choices[0].message.content
        return text

    def stream(self, model: str) -> Iterator[str]:
        for chunk in self._client.complete(messages=MESSAGES, model=model, stream=True):
            yield chunk.choices[0].delta.content or ""

    def close(self) -> None:
        self._client.close()
