"""A request of an operation as an HTTP request: URL, headers, body; everything but credentials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from polychat.errors import ConfigurationError
from polychat_rest.body import Body, JsonBody
from polychat_rest.errors import InvalidPathError
from polychat_rest.protocol import Request
from polychat_rest.secret import Secret

from .auth import Auth
from .headers import checked_headers
from .http import Outgoing
from .options import Options
from .platform import Platform


class Service(NamedTuple):
    """Where requests of a client go and what goes with all of them."""

    platform: Platform
    base_url: str
    auth: Auth
    headers: Mapping[str, str | Secret]


def prepare(service: Service, request: Request[Any], options: Options, *, stream: bool) -> Outgoing:
    """The request as it is sent, without credentials. Raises `ConfigurationError`."""
    try:
        return _prepared(service, request, options, stream=stream)
    except RecursionError:
        problem = "it is nested too deeply, or contains itself"
        remedy = "Pass JSON values of at most some hundred levels"
    except UnicodeEncodeError as error:
        problem, remedy = _not_text(error)
    raise ConfigurationError(  # not within `except`: there the frames of the recursion hang on it
        f"{request.operation.id} cannot be sent: {problem}",
        platform=service.platform.name,
        remedy=remedy,
    )


def _not_text(error: UnicodeEncodeError) -> tuple[str, str]:
    """What is wrong with a text, which itself may be a secret, and the remedy."""
    character = ascii(error.object[error.start])
    return (
        f"a text in its query, path or headers has {character}, which is no character",
        "Decode it as what it is: half a surrogate pair comes of a wrong or broken encoding",
    )


def _prepared(
    service: Service, request: Request[Any], options: Options, *, stream: bool
) -> Outgoing:
    operation = request.operation
    headers: dict[str, str | Secret] = {**service.headers, "accept": operation.accept}
    if stream:
        headers["accept-encoding"] = "identity"  # a proxy that compresses holds events back
        if request.streaming:
            headers["accept"] = "text/event-stream"
    body = _body(service, request, options)
    content = None
    if body is not None:
        content = _content(service, request, body)
        headers["content-type"] = body.content_type
        length = None if type(content) is bytes else getattr(content, "length", None)
        if length is not None:
            headers["content-length"] = str(length)
    if request.headers:
        headers.update(checked_headers(request.header_items(), operation.id))
    headers.update(options.extra_headers)
    names_itself = service.platform.sends_request_id
    if names_itself is not None and names_itself not in headers:
        headers[names_itself] = os.urandom(16).hex()
    timeout = options.timeout.extensions(stream=request.streaming, remaining=None)
    return Outgoing(operation.method, _url(service, request, options), headers, content, timeout)


def _url(service: Service, request: Request[Any], options: Options) -> str:
    try:
        url = service.base_url + request.path()
    except InvalidPathError as error:
        raise ConfigurationError(str(error), platform=service.platform.name) from error
    query = request.query_items()
    if options.extra_query:
        extra = options.extra_query
        query = [item for item in query if item[0] not in extra]
        query += [(k, str(v)) for k, v in extra.items() if v is not None]
    if not query:
        return url
    from urllib.parse import urlencode

    return f"{url}?{urlencode(query)}"


def _body(service: Service, request: Request[Any], options: Options) -> Body | None:
    body = request.body
    if not options.extra_body:
        return body
    if not isinstance(body, JsonBody):
        raise ConfigurationError(
            f"extra_body: {request.operation.id} has no JSON body", platform=service.platform.name
        )
    return body.with_fields(options.extra_body)


def _content(service: Service, request: Request[Any], body: Body) -> Any:
    try:
        return body.content()
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(
            f"the body of {request.operation.id} cannot be written: {error}",
            platform=service.platform.name,
            remedy="Pass JSON values: str, numbers, bool, None, dicts and lists of them",
        ) from error
