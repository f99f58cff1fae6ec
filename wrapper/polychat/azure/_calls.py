"""What a call sends, decided without any I/O; the clients only carry it.

Requests are those of the generated endpoint functions. What is particular here is how the body
is written: with the separators, the order of keys and the escapes of azure-ai-inference, because
its users' tests compare bodies byte by byte.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from io import IOBase
from types import ModuleType
from typing import Any, NamedTuple, cast

from polychat._core.messages import check_messages
from polychat.errors import ConfigurationError, UnsupportedFeatureError
from polychat_rest.batches import held
from polychat_rest.body import JsonBody, RawBody
from polychat_rest.model import plain
from polychat_rest.protocol import Answer, Operation, Request
from polychat_rest.shapes import is_object

from ._endpoint import API_VERSION, Endpoint
from ._keywords import Keywords
from ._platform import REQUEST_ID
from .models._base import Model, serialize

UNSET: Any = object()
"""Stands for an argument that was not given."""

CHAT_ORDER = (
    "messages", "stream", "frequency_penalty", "max_tokens", "model", "presence_penalty",
    "response_format", "seed", "stop", "temperature", "tool_choice", "tools", "top_p",
)  # fmt: skip
_PER_CALL = ("messages", "stream", "input", "prompt")
"""Fields that a constructor gives no default for."""
EMBED_ORDER = ("input", "dimensions", "encoding_format", "input_type", "model")


class Target(NamedTuple):
    """Where a client's calls go, and what they have in common."""

    endpoint: Endpoint
    keywords: Keywords
    defaults: Mapping[str, Any]
    """The body's fields that the constructor was given."""
    extras: Mapping[str, Any]
    api_version: str = API_VERSION
    """Sent where nobody says otherwise."""


class Call(NamedTuple):
    """A request, how its answer is read, and the keywords that this call changes."""

    request: Request[Any]
    keywords: Keywords
    stream: bool = False


class WireBody(JsonBody):
    """JSON as azure-ai-inference writes it."""

    def content(self) -> bytes:
        return json.dumps(self.value, default=_encode).encode()

    def with_fields(self, fields: Mapping[str, Any]) -> WireBody:
        return WireBody({**self.value, **fields})


def _encode(value: Any) -> Any:
    if isinstance(value, Model):
        return dict(value)
    if isinstance(value, (Enum, bytes, bytearray, datetime)):
        return serialize(value)
    if is_object(value):
        return dict(value)
    other = plain(value)
    if other is value:
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return other


@cache
def fields(operation: str) -> tuple[str, ...]:
    """The fields of an operation's body, in the order in which they are sent: those of
    azure-ai-inference first, then what the spec has beside them."""
    from polychat_rest.azure import params

    known, param = {
        "chat": (CHAT_ORDER, params.ChatCompletionsOptionsParam),
        "embed": (EMBED_ORDER, params.EmbeddingsOptionsParam),
        "embed_images": (EMBED_ORDER, params.ImageEmbeddingsOptionsParam),
        "images": ((), params.ImageGenerationsOptionsParam),
    }[operation]
    specified = param.__annotations__
    return (*known, *(name for name in specified if name not in known))


@cache
def beside(operation: str) -> tuple[str, ...]:
    """What a call of an operation takes beside azure-core's keywords."""
    return (*fields(operation), "model_extras")


def chat(target: Target, body: Any, given: dict[str, Any]) -> Call:
    """``POST /chat/completions``."""
    from polychat_rest.azure.api.chat import get_chat_completions as endpoint

    from .models import ChatCompletions

    if "response_format" in given:
        given["response_format"] = response_format(given["response_format"])
    stream = given.get("stream")
    call = _call(
        target, "chat", endpoint, ChatCompletions, body, given, required="messages", by="complete"
    )
    if is_object(body) and isinstance(body.get("stream"), bool):
        stream = body["stream"]
    return call._replace(stream=bool(stream))


def embed(target: Target, body: Any, given: dict[str, Any]) -> Call:
    """``POST /embeddings``."""
    from polychat_rest.azure.api.embeddings import get_embeddings as endpoint

    from .models import EmbeddingsResult

    return _call(
        target, "embed", endpoint, EmbeddingsResult, body, given, required="input", by="embed"
    )


def embed_images(target: Target, body: Any, given: dict[str, Any]) -> Call:
    """``POST /images/embeddings``."""
    from polychat_rest.azure.api.embeddings import get_image_embeddings as endpoint

    from .models import EmbeddingsResult

    _not_on_v1(target, "/images/embeddings")
    return _call(
        target, "embed_images", endpoint, EmbeddingsResult, body, given, required="input",
        by="embed",
    )  # fmt: skip


def images(target: Target, body: Any, given: dict[str, Any]) -> Call:
    """``POST /images/generations``."""
    from polychat_rest.azure.api.images import get_image_generations as endpoint

    from .models import ImageGenerationsResult

    return _call(
        target, "images", endpoint, ImageGenerationsResult, body, given, required="prompt",
        by="generate",
    )  # fmt: skip


def info(target: Target, given: dict[str, Any]) -> Call:
    """``GET /info``."""
    from polychat_rest.azure.api.models import get_model_info as endpoint

    from .models import ModelInfo

    _not_on_v1(target, "/info")
    model = given.pop("model", None)
    keywords = target.keywords.with_(given, by="get_model_info", fields=("model",))
    request = endpoint.build_request(api_version=version(target, keywords), model=model)
    return _finish(request, endpoint, ModelInfo, keywords)


def response_format(given: Any) -> Any:
    """The form of an answer as the body has it. Raises ValueError for what is none."""
    from .models import ChatCompletionsResponseFormat, JsonSchemaFormat

    if given is None or isinstance(given, ChatCompletionsResponseFormat):
        return given
    if isinstance(given, str) and given in ("text", "json_object"):
        return {"type": str.__str__(given)}
    if isinstance(given, JsonSchemaFormat):
        return {"type": "json_schema", "json_schema": given}
    raise ValueError(f"Unsupported `response_format` {given}")


def defaults(operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Takes the body's fields out of a constructor's keywords."""
    if operation == "chat" and "response_format" in given:
        given["response_format"] = response_format(given["response_format"])
    return {
        name: given.pop(name)
        for name in fields(operation)
        if name in given and name not in _PER_CALL
    }


def _call(
    target: Target,
    operation: str,
    endpoint: ModuleType,
    model: type[Model],
    body: Any,
    given: dict[str, Any],
    *,
    required: str,
    by: str,
) -> Call:
    """The call of an operation with a body that is given whole, or by its fields."""
    named = {name: given.pop(name) for name in fields(operation) if name in given}
    extras = given.pop("model_extras", None) or target.extras
    keywords = target.keywords.with_(given, by=by, fields=beside(operation))
    content: Any
    mode: Any = None
    document: Mapping[str, Any] | None = None
    other = sorted(named.keys() - {"stream"})
    if body is not UNSET and other:
        raise TypeError(f"{by}() takes a body or {', '.join(other)}, not both")
    if body is UNSET:
        if named.get(required) is None:
            raise TypeError(f"missing required argument: {required}")
        if required == "messages":
            check_messages(named["messages"], platform="azure")
        whole = _document(operation, named, target.defaults)
        if extras:
            whole.update(extras)
            mode = None if target.endpoint.v1 else "pass-through"
        document = {name: value for name, value in whole.items() if value is not None}
        content = WireBody(document)
    elif isinstance(body, (bytes, IOBase)) or hasattr(body, "read"):
        content = RawBody(cast("Any", body), keywords.content_type or "application/json")
    elif is_object(body):
        document = body
        content = WireBody(body)
    else:
        raise TypeError(f"body is a {type(body).__name__}: pass a dict, bytes or an open file")
    if target.endpoint.v1 and document is not None and not document.get("model"):
        raise ConfigurationError(
            "model is missing",
            platform="azure",
            remedy="The route /openai/v1 needs the deployment's name: pass model='...'",
        )
    request = endpoint.build_request(
        body=cast("Any", {}), api_version=version(target, keywords), extra_parameters=mode
    )
    request.body = content
    return _finish(request, endpoint, model, keywords, document)


def _document(
    operation: str, named: Mapping[str, Any], otherwise: Mapping[str, Any]
) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name in fields(operation):
        value = named.get(name)
        document[name] = otherwise.get(name) if value is None else value
    return document


def _finish(
    request: Request[Any],
    endpoint: ModuleType,
    model: type[Model],
    keywords: Keywords,
    document: Mapping[str, Any] | None = None,
) -> Call:
    """`document` is the body where it is known, and not bytes that the caller gives."""
    request.operation = _read_as(endpoint.OPERATION, model)
    batch = getattr(endpoint, "BATCH", None)
    if batch is not None:
        request.operation = held(request.operation, batch, document, _document_of)
    # Streams too: azure-ai-inference always asks for JSON, and services answer with events.
    headers = {**(request.headers or {}), "accept": "application/json"}
    identity: Any = keywords.request_id
    if REQUEST_ID not in keywords.headers:
        if isinstance(identity, str):
            headers[REQUEST_ID] = identity
        elif identity is not None and keywords.auto_request_id:
            headers[REQUEST_ID] = str(uuid.uuid4())
    request.headers = headers
    # The caller's own parameters come first, as azure-ai-inference sends them.
    built = {name: value for name, value in (request.query or {}).items() if value is not None}
    request.query = {**keywords.params, **built}
    return Call(request, keywords)


def _document_of(answer: Model) -> dict[str, Any]:
    return answer._data  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


@cache
def _read_as(operation: Operation[Any], model: type[Model]) -> Operation[Any]:
    """The generated operation with answers in this room's classes."""
    make: Callable[[Any], Any] = model._of  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    success = operation.answer_for(200)
    assert success is not None
    answer = Answer("json", make, success.roots, filled=success.filled, has_error=success.has_error)
    return Operation(
        id=operation.id,
        platform=operation.platform,
        method=operation.method,
        path=operation.path.text,
        answers={"2XX": answer},
        chunk=operation.chunk,
        done=operation.done,
        resend=operation.resend,
        comma=operation.comma,
    )


def version(target: Target, keywords: Keywords) -> str | None:
    if target.endpoint.v1:
        return None
    asked = keywords.params.get("api-version")
    return (
        asked
        or keywords.api_version
        or target.endpoint.query.get("api-version")
        or target.api_version
    )


def _not_on_v1(target: Target, route: str) -> None:
    if target.endpoint.v1:
        raise UnsupportedFeatureError(
            f"there is no {route} below {target.endpoint.base_url}",
            platform="azure",
            remedy="Use the endpoint that ends in /models for it",
        )
