"""Requests and answers as hooks and `send_request` show them: the shapes of azure.core.rest."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from polychat._core.headers import checked_headers
from polychat._core.logs import shown
from polychat_rest.secret import Secret


def reason_phrase(status: int) -> str | None:
    """The usual words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return None


class Headers(MutableMapping[str, str]):
    """Headers by names in any case. Credentials are given plainly to who asks for them by name,
    and masked in `repr`."""

    def __init__(self, headers: Mapping[str, str | Secret] | None = None) -> None:
        self._held: dict[str, str | Secret] = checked_headers(headers, "headers")

    def __getitem__(self, name: str) -> str:
        value = self._held[name.lower()]
        return value.reveal() if isinstance(value, Secret) else value

    def __setitem__(self, name: str, value: str) -> None:
        self._held.update(checked_headers({name: value}, "headers"))

    def __delitem__(self, name: str) -> None:
        del self._held[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._held

    def __repr__(self) -> str:
        return repr(shown(self._held))

    def held(self) -> dict[str, str | Secret]:
        """The headers as they are kept, credentials concealed."""
        return dict(self._held)


class HttpRequest:
    """A request. For `send_request`, ``url`` may be relative to the client's endpoint; give one
    of ``content`` (text or bytes), ``json`` and ``data``."""

    def __init__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str | Secret] | None = None,
        params: Mapping[str, Any] | None = None,
        content: Any = None,
        data: Any = None,
        json: Any = None,
    ) -> None:
        self.method = method
        self.url = url
        self.params: dict[str, Any] = dict(params or {})
        self.headers: Headers = Headers(headers)
        self.content: Any = content if content is not None else data
        if json is not None:
            self.content = _dumps(json)
            self.headers.setdefault("content-type", "application/json")

    @property
    def data(self) -> Any:
        """The body: text where it is JSON."""
        return self.content

    @data.setter
    def data(self, value: Any) -> None:
        self.content = value

    @property
    def body(self) -> Any:
        """The same as `data`."""
        return self.content

    @body.setter
    def body(self, value: Any) -> None:
        self.content = value

    @property
    def query(self) -> dict[str, str]:
        """The query of the URL."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    def __repr__(self) -> str:
        return f"<HttpRequest [{self.method}], url: '{self.url}'>"


def _dumps(value: Any) -> str:
    return json.dumps(value)


class HttpResponse:
    """An answer whose body has been read."""

    def __init__(
        self,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        request: HttpRequest | None = None,
    ) -> None:
        self.status_code = status_code
        self.headers = headers
        self.content = content
        self.request = request
        self.reason: str | None = reason_phrase(status_code)

    @property
    def content_type(self) -> str | None:
        """The media type, with its parameters."""
        return self.headers.get("content-type")

    @property
    def url(self) -> str | None:
        """Where the request went."""
        return None if self.request is None else self.request.url

    @property
    def is_closed(self) -> bool:
        """True: the body has been read."""
        return True

    def text(self, encoding: str | None = None) -> str:
        """The body as text, UTF-8 unless another encoding is given."""
        return self.content.decode(encoding or "utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError."""
        return json.loads(self.content)

    def body(self) -> bytes:
        """The body."""
        return self.content

    def read(self) -> bytes:
        """The body."""
        return self.content

    def iter_bytes(self) -> Iterable[bytes]:
        """The body, in one piece."""
        return iter((self.content,))

    iter_raw = iter_bytes

    def close(self) -> None:
        """Nothing is left to close."""

    def raise_for_status(self) -> None:
        """Raises ``HttpResponseError`` for a status from 400."""
        if self.status_code >= 400:
            from polychat._core.failures import Received, status_error

            from .exceptions import translated

            received = Received(self.status_code, self.headers, self.content, "azure", None, 1, ())
            raise translated(status_error(received), self.request)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<HttpResponse: {self.status_code} {self.reason or ''}>"
