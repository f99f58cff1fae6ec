"""polychat.azure, as the users of azure-ai-inference call it."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.adapters import KEY, MESSAGES
from polychat.azure import AzureKeyCredential, ChatCompletionsClient


class Sync:
    """`polychat.azure.ChatCompletionsClient`."""

    def __init__(self, url: str) -> None:
        self._client = ChatCompletionsClient(endpoint=url, credential=AzureKeyCredential(KEY))

    def chat(self, model: str) -> str:
        answer = self._client.complete(messages=MESSAGES, model=model)
        return answer.choices[0].message.content

    def stream(self, model: str) -> Iterator[str]:
        for update in self._client.complete(messages=MESSAGES, model=model, stream=True):
            yield update.choices[0].delta.content or ""

    def close(self) -> None:
        self._client.close()
