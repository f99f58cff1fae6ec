"""What AIMLAPI's chat adds to the common rules: thoughts, spoken answers, details of the usage,
and log probabilities.

- With ``reasoning_effort``, ``reasoning`` or ``enable_thinking`` the answer is thought of in
  ``reasoning_content``, one token of reasoning a word.
- With ``"audio"`` in ``modalities`` it is spoken too, which costs one token.
- Text parts with ``cache_control`` are read from the cache; a part of sound is one token.
- With ``logprobs`` every word is certain: its log probability is 0.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from polychat.emulator.chat import Chat, chunks, completion
from polychat.emulator.rules import count_tokens, is_list, pieces

_SOUND = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt ").decode()


def enriched(request: dict[str, Any], answered: Chat) -> Chat:
    """The answer with the details of its usage."""
    read = {"cached_tokens": 0, "audio_tokens": 0}
    for part in _parts(request):
        if part.get("cache_control"):
            read["cached_tokens"] += count_tokens(str(part.get("text", "")))
        if part.get("type") == "input_audio":
            read["audio_tokens"] += 1
    spoken = int(_is_spoken(request))
    written = {"reasoning_tokens": count_tokens(_thoughts(request, answered)),
               "audio_tokens": spoken}  # fmt: skip
    prompt = answered.usage["prompt_tokens"] + read["audio_tokens"]
    words = answered.usage["completion_tokens"] + written["reasoning_tokens"] + spoken
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": words,
        "total_tokens": prompt + words,
        "prompt_tokens_details": read,
        "completion_tokens_details": written,
    }
    return replace(answered, usage=usage)


def document(request: dict[str, Any], answered: Chat) -> dict[str, Any]:
    """The whole answer."""
    whole = completion(answered)
    thoughts = _thoughts(request, answered)
    for choice in whole["choices"]:
        message = choice["message"]
        message["refusal"] = None
        if thoughts:
            message["reasoning_content"] = thoughts
        if _is_spoken(request):
            message["audio"] = {"id": "audio_1", "data": _SOUND, "transcript": message["content"]}
        if request.get("logprobs"):
            choice["logprobs"] = _logprobs(message["content"] or "")
    return whole


def events(
    request: dict[str, Any], answered: Chat, last: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """The answer as chunks, the thoughts before it; `last` is merged into the last one."""
    thoughts = pieces(_thoughts(request, answered))
    for number, chunk in enumerate(chunks(answered, last=last)):
        if number == 1:
            for thought in thoughts:
                yield _with_delta(chunk, {"reasoning_content": thought})
        if request.get("logprobs"):
            for choice in chunk["choices"]:
                text = choice["delta"].get("content")
                choice["logprobs"] = _logprobs(text) if text else None
        yield chunk


def _with_delta(chunk: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": None}
    return {**chunk, "choices": [choice]}


def _thoughts(request: dict[str, Any], answered: Chat) -> str:
    asked = request.get("reasoning_effort") or request.get("reasoning")
    if not asked and not request.get("enable_thinking"):
        return ""
    return f"I answer: {answered.reply.content or answered.reply.tool}"


def _is_spoken(request: dict[str, Any]) -> bool:
    return "audio" in (request.get("modalities") or ())


def _logprobs(text: str) -> dict[str, Any]:
    words: list[dict[str, Any]] = [
        {"token": word, "logprob": 0.0, "bytes": None, "top_logprobs": []} for word in pieces(text)
    ]
    return {"content": words, "refusal": None}


def _parts(request: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for message in request["messages"]:
        content = message.get("content")
        if is_list(content):
            yield from (part for part in content if isinstance(part, dict))
