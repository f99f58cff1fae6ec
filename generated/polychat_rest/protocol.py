# Copied by scripts/generate.py from scripts/runtime/protocol.py; edit it there.
"""The protocol between generated endpoint functions and whatever carries their requests.

An endpoint module describes its `Operation` once, builds a `Request` for each call and hands it
to a `Sender` or `AsyncSender`. The plain `polychat_rest.client.Client` is one; ``.rest`` of a
polychat client is another, with that client's auth, retries, deadlines, errors and logging.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, Self, TypeVar

from ._path import PathTemplate
from .answer import Answer as Answer
from .answer import read_answer, read_sound
from .body import Body, JsonBody
from .errors import UnexpectedStatus

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Operation(Generic[T]):
    """One operation of a spec: what is the same in every call. `T` is the type of its answers."""

    __slots__ = (
        "accept", "answers", "binary", "chunk", "comma", "done", "id", "method", "path",
        "platform", "resend",
    )  # fmt: skip

    def __init__(
        self,
        *,
        id: str,
        platform: str,
        method: str,
        path: str,
        answers: Mapping[str, Answer],
        chunk: Callable[[Any], Any] | None = None,
        done: str | None = None,
        binary: bool = False,
        resend: bool = False,
        comma: frozenset[str] = frozenset(),
        accept: str = "application/json",
    ) -> None:
        self.id: str = id
        self.platform: str = platform
        self.method: str = method
        self.path: PathTemplate = PathTemplate(path)
        self.answers: Mapping[str, Answer] = answers
        """By status: ``"200"``, ``"4XX"``, ``"default"``."""
        self.chunk: Callable[[Any], Any] | None = chunk
        """Parses one event of the operation's event stream; None where it has no stream."""
        self.done: str | None = done
        """The data that ends the stream, such as ``[DONE]``."""
        self.binary: bool = binary
        """Whether a successful answer may be bytes that are not JSON."""
        self.resend: bool = resend
        """Whether a request may be sent again when it is not known if it was received."""
        self.comma: frozenset[str] = comma
        """Query parameters whose list is one comma-separated value."""
        self.accept: str = accept

    def answer_for(self, status: int) -> Answer | None:
        """How the body of `status` is read, or None where the spec does not document it. A
        success that it does not document is read as the first that it does."""
        answers = self.answers
        found = answers.get(str(status)) or answers.get(f"{status // 100}XX")
        if found is None and 200 <= status < 300:
            found = next((answers[each] for each in answers if each.startswith("2")), None)
        return found or answers.get("default")

    @property
    def gives_choices(self) -> bool:
        """Whether its answer is one or several choices, as a chat's is; then so is its stream."""
        answer = self.answer_for(200)
        return answer is not None and ("choices",) in answer.roots

    @property
    def gives_sound(self) -> bool:
        """Whether a success is bytes, unless it is the document that the spec names for it."""
        answer = self.answer_for(200)
        return self.binary and answer is not None and answer.kind == "json"

    @property
    def stream_ends(self) -> bool:
        """Whether its stream says when it is whole. A subscription, which has no answer but a
        stream, goes on until the service ends it."""
        return self.done is not None or self.accept != "text/event-stream"

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> T:
        """The typed answer. Raises `UnexpectedStatus`, `UnreadableAnswer` for a body that is not
        of the documented kind, and `ErrorDocument` for an error in the place of an answer."""
        answer = self.answer_for(status)
        if answer is None:
            raise UnexpectedStatus(status, content, headers)
        if self.binary and answer.kind == "json" and 200 <= status < 300:
            kind = headers.get("content-type", "json")
            if "json" not in kind:
                return read_sound(status, headers, content)  # type: ignore[return-value]
        return read_answer(answer, status, headers, content)  # type: ignore[no-any-return]


class Request(Generic[T]):
    """One call of an operation, not yet sent."""

    __slots__ = ("body", "headers", "operation", "path_params", "query", "streaming")

    def __init__(
        self,
        operation: Operation[T],
        *,
        path_params: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Body | None = None,
    ) -> None:
        self.operation: Operation[T] = operation
        self.path_params: Mapping[str, Any] | None = path_params
        self.query: Mapping[str, Any] | None = query
        self.headers: Mapping[str, Any] | None = headers
        self.body: Body | None = body
        self.streaming: bool = False

    def path(self) -> str:
        """The percent-encoded path. Raises `InvalidPathError`."""
        return self.operation.path.render(self.path_params or {})

    def query_items(self) -> list[tuple[str, str]]:
        """The query as it is sent: None left out, lists repeated or joined by commas."""
        items: list[tuple[str, str]] = []
        for name, value in (self.query or {}).items():
            if value is None:
                continue
            if isinstance(value, (list, tuple, set, frozenset)):
                texts = [_text(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
                if name in self.operation.comma:
                    texts = [",".join(texts)]
                items.extend((name, text) for text in texts)
            else:
                items.append((name, _text(value)))
        return items

    def header_items(self) -> dict[str, str]:
        """The operation's header parameters that were given."""
        given = (self.headers or {}).items()
        return {name: _text(value) for name, value in given if value is not None}

    def as_stream(self) -> Self:
        """The same call, asking for an event stream (``"stream": true`` in the JSON body of an
        operation that can also answer otherwise)."""
        self.streaming = True
        if isinstance(self.body, JsonBody) and self.operation.accept != "text/event-stream":
            self.body = self.body.with_fields({"stream": True})
        return self


def _text(value: Any) -> str:
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return str.__str__(value)  # an enum's value, not its name
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class Response(Generic[T_co]):
    """An answer with what came around it."""

    __slots__ = ("attempts", "content", "headers", "parsed", "request_id", "status_code")

    def __init__(
        self,
        *,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        parsed: T_co,
        attempts: int = 1,
        request_id: str | None = None,
    ) -> None:
        self.status_code: int = status_code
        self.headers: Mapping[str, str] = headers
        """Case-insensitive."""
        self.content: bytes = content
        self.parsed: T_co = parsed
        self.attempts: int = attempts
        """How often the request was sent."""
        self.request_id: str | None = request_id
        """The id under which the service logged the exchange, where it gave one."""

    def __repr__(self) -> str:
        return f"<Response {self.status_code} {self.parsed!r}>"


class EventStream(Protocol[T_co]):
    """An iterator over the typed events of an answer, and a context manager that closes it."""

    def __iter__(self) -> Iterator[T_co]: ...
    def __next__(self) -> T_co: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
    def close(self) -> None: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class AsyncEventStream(Protocol[T_co]):
    """`EventStream` for asynchronous code."""

    def __aiter__(self) -> AsyncIterator[T_co]: ...
    async def __anext__(self) -> T_co: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...
    async def aclose(self) -> None: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Sender(Protocol):
    """Carries requests synchronously."""

    def send(self, request: Request[T], /) -> Response[T]: ...
    def send_stream(
        self, request: Request[Any], parse: Callable[[Any], T], /
    ) -> EventStream[T]: ...
    def send_download(self, request: Request[Any], /) -> EventStream[bytes]: ...


class AsyncSender(Protocol):
    """Carries requests asynchronously."""

    async def send_async(self, request: Request[T], /) -> Response[T]: ...
    async def send_stream_async(
        self, request: Request[Any], parse: Callable[[Any], T], /
    ) -> AsyncEventStream[T]: ...
    async def send_download_async(self, request: Request[Any], /) -> AsyncEventStream[bytes]: ...


def many(parse: Callable[[Any], T]) -> Callable[[Any], list[T]]:
    """A parser of JSON arrays from one of their objects; other items stay as they are."""

    def parse_all(data: Any) -> list[T]:
        items: Sequence[Any] = data
        if not isinstance(data, list):
            raise TypeError("not a JSON array")
        return [parse(item) if type(item) is dict else item for item in items]

    return parse_all
