"""`AimlapiLLM`: a chat model of AIMLAPI as a LangChain model from text to text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.llms import LLM
from langchain_core.outputs import Generation, GenerationChunk, LLMResult
from pydantic import ConfigDict, Field

from polychat.integrations._answers import malformed
from polychat_rest.model import plain
from polychat_rest.shapes import is_array, is_object

from ._connection import Connection, given, method

_SENT = ("temperature", "top_p", "top_k", "max_tokens", "repetition_penalty", "stop", "seed")


class AimlapiLLM(Connection, LLM):
    """A prompt's continuation, whole or token by token. AIMLAPI has no endpoint for completions,
    so the prompt goes as the one message of a chat."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

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
        """What a cache tells answers apart by."""
        return {**self._fields(), "base_url": self.aimlapi_api_base}

    def _fields(self) -> dict[str, Any]:
        fields = {"model": self.model, **given(**{n: getattr(self, n) for n in _SENT})}
        if self.logprobs is not None:
            fields |= {"logprobs": True, "top_logprobs": self.logprobs}
        return {**fields, **self.model_kwargs}

    def _request(
        self, prompt: str, stop: list[str] | None, kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        fields: dict[str, Any] = {**self._fields(), **kwargs}
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
        return self._generate([prompt], stop, run_manager, **kwargs).generations[0][0].text

    def _generate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        create = method(self._client.chat.completions.create)
        return _result([create(**self._request(prompt, stop, kwargs)) for prompt in prompts])

    async def _agenerate(
        self,
        prompts: list[str],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> LLMResult:
        create = method(self._async_client.chat.completions.create)
        return _result([await create(**self._request(prompt, stop, kwargs)) for prompt in prompts])

    def _stream(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[GenerationChunk]:
        request = self._request(prompt, stop, kwargs)
        with method(self._client.chat.completions.create)(**request, stream=True) as stream:
            answered = False
            for chunk in stream:
                answered = answered or _choice(chunk) is not None
                piece = _piece(chunk)
                if piece is not None:
                    if run_manager is not None:
                        run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece
            _check_answered(answered, stream.response)

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
            answered = False
            async for chunk in stream:
                answered = answered or _choice(chunk) is not None
                piece = _piece(chunk)
                if piece is not None:
                    if run_manager is not None:
                        await run_manager.on_llm_new_token(piece.text, chunk=piece)
                    yield piece
            _check_answered(answered, stream.response)


def _result(answers: list[Any]) -> LLMResult:
    usage: dict[str, int] = {}
    for answer in answers:
        counts: dict[str, Any] = plain(answer.usage) or {}
        for name, count in counts.items():
            if isinstance(count, int):
                usage[name] = usage.get(name, 0) + count
    output = {"model_name": answers[0].model, "token_usage": usage} if answers else {}
    return LLMResult(generations=[[_generation(answer)] for answer in answers], llm_output=output)


def _generation(answer: Any) -> Generation:
    choices = answer.choices or ()
    if not choices or getattr(choices[0], "message", None) is None:
        raise malformed(answer, "the answer has no message")
    text = _text(choices[0].message.content)
    return Generation(text=text, generation_info=_info(choices[0]) or None)


def _info(choice: Any) -> dict[str, Any]:
    return given(finish_reason=choice.finish_reason, logprobs=plain(choice.logprobs))


def _text(content: Any) -> str:
    """The text of a message, whose content a model may give in parts."""
    if is_array(content):
        return "".join(str(part.get("text") or "") for part in content if is_object(part))
    return content or ""


def _check_answered(answered: bool, info: Any) -> None:  # it is what is checked
    if not answered:
        raise malformed({}, "the stream has no choices", info=info)


def _choice(chunk: Any) -> Any:
    """The choice of an event, where it has one."""
    choice = chunk.choices[0] if chunk.choices else None
    return choice if hasattr(choice, "delta") else None


def _piece(chunk: Any) -> GenerationChunk | None:
    choice = _choice(chunk)
    if choice is None:
        return None
    info = _info(choice)
    text = "" if choice.delta is None else _text(choice.delta.content)
    return GenerationChunk(text=text, generation_info=info or None) if text or info else None
