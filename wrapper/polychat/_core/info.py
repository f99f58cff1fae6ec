"""What came around a result: status, headers, request id, attempts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from polychat_rest.protocol import Response

T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class ResponseInfo:
    """The outer side of an answer."""

    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    request_id: str | None
    """The id under which the service knows the exchange, where it gave one."""
    attempts: int
    """How often the request was sent."""

    @classmethod
    def of(cls, answer: Response[Any]) -> Self:
        """What came around a low-level answer."""
        return cls(answer.status_code, answer.headers, answer.request_id, answer.attempts)

    def common(self) -> dict[str, Any]:
        """What an error about this answer tells of it."""
        return {
            "request_id": self.request_id,
            "attempts": self.attempts,
            "status": self.status,
            "headers": self.headers,
        }


class ResultList(list[T]):
    """A list that a call returned; a plain list otherwise."""

    __slots__ = ("__response__",)
    __response__: ResponseInfo


def result_list(items: Iterable[T] | None, source: Any) -> ResultList[T]:
    """The items of `source`, a result that holds them, with what came around it."""
    result = ResultList[T](items or ())
    remember(result, response_of(source))
    return result


def remember(result: Any, info: ResponseInfo) -> None:
    """Notes on a result what came around it, where it has a place for that."""
    if hasattr(result.__class__, "__response__"):
        result.__response__ = info


def response_of(result: Any) -> ResponseInfo:
    """The status, headers, request id and attempts of the answer that `result` was made of:
    a model, list or stream that a call returned. Raises TypeError for anything else."""
    info = getattr(result, "__response__", None)
    if isinstance(info, ResponseInfo):
        return info
    raise TypeError(
        f"{type(result).__name__} was not returned by a call, or is a plain value: use the"
        " low-level sync_detailed(..., client=client.rest) for those"
    )
