"""Streamed answers: iterators over updates that close themselves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

from polychat._core.events import EventReader
from polychat._core.exchange import Answered
from polychat._core.stream import AsyncStream, Stream
from polychat.errors import PolychatError

from .._platform import AZURE
from ._base import wrapper
from ._observation import Observation
from ._results import StreamingChatCompletionsUpdate

Update = StreamingChatCompletionsUpdate
DONE = "[DONE]"
_wrap = wrapper(Update)


def _update(value: Any) -> Any:
    """An event's update. Those without choices and usage, which bring the verdicts of content
    filters, are none, as with azure-ai-inference."""
    if type(value) is not dict:
        raise TypeError("not a JSON object")
    return _wrap(value) if value.get("choices") or value.get("usage") else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]


class UpdateReader(EventReader[Update]):
    """The updates of a body, and whoever observes them."""

    def __init__(self, answered: Answered) -> None:
        super().__init__(answered, AZURE, _update, DONE)
        self.observation: Observation | None = None

    def observe(self, observation: Observation) -> None:
        """Tells `observation` of what comes."""
        self.observation = observation

        def seen(value: Any) -> Any:
            update = _update(value)
            if update is not None:
                observation.saw(update)
            return update

        self._parse = seen

    def closed(self) -> None:
        """Tells the observation that nothing more will come."""
        if self.observation is not None:
            if self.error is not None:
                self.observation.failed(self.error)
            self.observation.ended()

    def failed(self, error: BaseException) -> PolychatError | None:
        typed = super().failed(error)
        if self.observation is not None:
            self.observation.failed(error if typed is None else typed)
        return typed


class StreamingChatCompletions(Stream[Update]):
    """The updates of a streamed answer: iterate over it, use it in a ``with`` statement, or
    `close` it.

    ``response`` is what a client opened, or any object with ``iter_bytes()`` and ``close()``.
    Raises ``HttpResponseError`` where the stream is cut short or the service sends an error.
    """

    def __init__(self, response: Any) -> None:
        answered = _opened(response)
        self._updates = UpdateReader(answered)
        super().__init__(answered, self._updates, answered.info(AZURE))

    def observe(self, observation: Observation) -> None:
        """Tells a tracer of what comes; for clients."""
        self._updates.observe(observation)


class AsyncStreamingChatCompletions(AsyncStream[Update]):
    """`StreamingChatCompletions` for asynchronous code; closes with `aclose` or ``async with``."""

    def __init__(self, response: Any) -> None:
        answered = _opened(response)
        self._updates = UpdateReader(answered)
        super().__init__(answered, self._updates, answered.info(AZURE))

    def observe(self, observation: Observation) -> None:
        """Tells a tracer of what comes; for clients."""
        self._updates.observe(observation)


def _opened(response: Any) -> Answered:
    if isinstance(response, Answered):
        return response
    return Answered(_Given(response), b"", 1, {}, None)


class _Given:
    """A response that a caller made, in the shape of those that clients read."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self.status_code: int = getattr(response, "status_code", 200)
        self.stream = self
        self.is_closed = False

    @property
    def headers(self) -> Mapping[str, str]:
        # Its bytes are taken as they come: `iter_bytes` has undone any compression.
        return {}

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._response.iter_bytes())

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._response.iter_bytes())

    iter_bytes = __iter__
    aiter_bytes = __aiter__

    def read(self) -> bytes:
        return b"".join(self)

    async def aread(self) -> bytes:
        return b"".join([piece async for piece in self])

    def close(self) -> None:
        self.is_closed = True
        self._response.close()

    async def aclose(self) -> None:
        self.is_closed = True
        await self._response.close()
