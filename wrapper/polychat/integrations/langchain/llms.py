"""`AimlapiLLM`: a chat model of AIMLAPI as a LangChain model from text to text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.llms import LLM
from langchain_core.outputs import GenerationChunk
from pydantic import Field

from ._connection import Connection, given, method

_SENT = ("temperature", "top_p", "top_k", "max_tokens", "repetition_penalty", "stop", "seed")


class AimlapiLLM(Connection, LLM):
    """A prompt's continuation, whole or token by token. AIMLAPI has no endpoint for completions,
    so the prompt goes as the one message of a chat."""

    model: str
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    max_tokens: int | None = None
    repetition_penalty: float | None = None
    seed: int | None = None
    stop: list[str] | None = None
    logprobs: int | None = None
    """So many of the most probable tokens are told with each token, in ``generation_info``."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)

    @property
    def _llm_type(self) -> str:
        return "aimlapi"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, **given(**{n: getattr(self, n) for n in _SENT})}

    def _request(
        self, prompt: str, stop: list[str] | None, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {**self._identifying_params, **self.model_kwargs, **kwargs}
        if self.logprobs is not None:
            fields = {"logprobs": True, "top_logprobs": self.logprobs, **fields}
        if stop:
            fields["stop"] = stop
        return {**self._options(), **fields, "messages": [{"role": "user", "content": prompt}]}

    def _call(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        request = self._request(prompt, stop, kwargs)
        answer = method(self._client.chat.completions.create)(**request)
        return answer.choices[0].message.content or ""

    async def _acall(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        request = self._request(prompt, stop, kwargs)
        answer = await method(self._async_client.chat.completions.create)(**request)
        return answer.choices[0].message.content or ""

    def _stream(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[GenerationChunk]:
        request = self._request(prompt, stop, kwargs)
        with method(self._client.chat.completions.create)(**request, stream=True) as stream:
            for chunk in stream:
                piece = _piece(chunk)
                if piece is not None:
                    if run_manager is not None:
                        run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece

    async def _astream(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[GenerationChunk]:
        request = self._request(prompt, stop, kwargs)
        create = method(self._async_client.chat.completions.create)
        async with await create(**request, stream=True) as stream:
            async for chunk in stream:
                piece = _piece(chunk)
                if piece is not None:
                    if run_manager is not None:
                        await run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece


def _piece(chunk: Any) -> GenerationChunk | None:
    if not chunk.choices:
        return None
    choice = chunk.choices[0]
    info = given(finish_reason=choice.finish_reason)
    if choice.logprobs is not None:
        info["logprobs"] = choice.logprobs.to_dict()
    text = choice.delta.content or ""
    return GenerationChunk(text=text, generation_info=info or None) if text or info else None
