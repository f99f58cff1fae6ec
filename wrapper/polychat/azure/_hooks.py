"""What surrounds each attempt of a call: the caller's hooks, and the log that is asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import attrs

from polychat._core.http import Outgoing, RawResponse
from polychat._core.logs import shown
from polychat_rest.secret import Secret

from ._rest import HttpRequest, HttpResponse

log = logging.getLogger("polychat.azure")
SHOWN = 64 * 1024
"""Characters of a body that are logged."""


@attrs.define
class PipelineRequest:
    """What ``raw_request_hook`` is called with. What it changes in `http_request` is sent."""

    http_request: HttpRequest
    context: dict[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.define
class PipelineResponse:
    """What ``raw_response_hook`` is called with, for the answer of each attempt. The body of an
    answer that is streamed is not in it."""

    http_request: HttpRequest
    http_response: HttpResponse
    context: dict[str, Any] = attrs.field(factory=dict[str, Any])


@attrs.frozen
class CallHooks:
    """Calls the hooks and writes the log of one client or call."""

    on_request: Callable[[PipelineRequest], Any] | None
    on_response: Callable[[PipelineResponse], Any] | None
    logging: bool

    def sending(self, out: Outgoing) -> Outgoing:
        """The request as the hook left it."""
        if self.on_request is not None:
            request = _view(out)
            self.on_request(PipelineRequest(request))
            content = request.content
            out = Outgoing(
                request.method,
                request.url,
                {k: v for k, v in request.headers.held().items() if k != "content-length"},
                content.encode() if isinstance(content, str) else content,
                out.timeout,
            )
        if self.logging:
            log.debug(
                "%s %s\n%s\n%s", out.method, out.url, shown(out.headers), _text(out, out.content)
            )
        return out

    def answered(self, out: Outgoing, response: RawResponse, content: bytes) -> None:
        """Shows an answer to the hook and the log."""
        if self.logging:
            log.debug(
                "%s %s answered %d\n%s\n%s",
                out.method,
                out.url,
                response.status_code,
                shown(response.headers),
                _text(out, content),
            )
        if self.on_response is not None:
            request = _view(out)
            answer = HttpResponse(response.status_code, response.headers, content, request)
            self.on_response(PipelineResponse(request, answer))


def _view(out: Outgoing) -> HttpRequest:
    content: Any = out.content
    if isinstance(content, bytes):
        try:
            content = content.decode()
        except UnicodeDecodeError:
            content = out.content
    return HttpRequest(out.method, out.url, headers=out.headers, content=content)


def _text(out: Outgoing, content: Any) -> str:
    """A body for the log, without the credentials that were sent."""
    if not isinstance(content, bytes):
        return "" if content is None else "(streamed)"
    text = content[:SHOWN].decode(errors="replace")
    for value in out.headers.values():
        if isinstance(value, Secret):
            text = value.redact(text)
    return text
