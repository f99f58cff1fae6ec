"""What a tracer is told of one call."""

from __future__ import annotations

from typing import Any, Protocol


class Observation(Protocol):
    """Takes part in one call. It never raises."""

    def saw(self, result: Any) -> None:
        """A whole answer, or an update of a streamed one."""
        ...

    def failed(self, error: BaseException) -> None:
        """The call, or its stream, ended with an error."""
        ...

    def left(self) -> None:
        """The client is done with the call; updates of its stream may still come."""
        ...

    def ended(self) -> None:
        """Nothing more will come. May be told several times."""
        ...
