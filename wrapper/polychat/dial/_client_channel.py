"""``client.client_channel``: asking whoever listens on a channel, by JSON-RPC 2.0 in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

from polychat._core.client import AsyncCore, SyncCore
from polychat._core.options import CallOptions
from polychat_rest.shapes import is_array, is_object

from ._exception import DialChannelClosedError, DialException, InvalidRequestError
from ._storage import build
from .types.client_channel import SigninResult

if TYPE_CHECKING:
    from polychat._core.stream import AsyncStream, Stream
    from polychat_rest.dial.models import ClientChannel as ChannelEvent
    from polychat_rest.dial.models import JsonRpcResponse
    from polychat_rest.protocol import Request

Options = Mapping[str, Any]


def checked_ids(toolset_ids: Sequence[str]) -> list[str]:
    """The ids as a list. Raises `InvalidRequestError` for one text and for repeated ids: the
    result has one entry for each."""
    if isinstance(toolset_ids, str):
        raise InvalidRequestError("toolset_ids is a text; give a list of ids")
    ids = list(toolset_ids)
    if len(set(ids)) != len(ids):
        raise InvalidRequestError("toolset_ids names a toolset twice")
    return ids


def signin_request(channel_id: str, ids: list[str]) -> Request[Any]:
    """One call for each toolset."""
    calls = [
        {"jsonrpc": "2.0", "method": "toolset/signin", "params": {"toolsetId": one}, "id": str(at)}
        for at, one in enumerate(ids, 1)
    ]
    request: Request[Any] = build("client_channel.interact_with_client")(
        body=calls, x_dial_client_channel_id=channel_id
    )
    return request


def responses(data: Any) -> list[JsonRpcResponse]:
    """The responses in an event: a batch, or a single one. Raises TypeError for anything else."""
    from polychat_rest.dial.models import JsonRpcResponse

    batch: list[Any] = data if is_array(data) else [data]
    for one in batch:
        if not is_object(one) or ("result" in one) == ("error" in one):
            raise TypeError("a JSON-RPC response has either a result or an error")
    return [JsonRpcResponse.from_dict(one) for one in batch]


def outcomes(ids: list[str], answered: list[JsonRpcResponse] | None) -> dict[str, SigninResult]:
    """The outcome for each toolset. Raises `DialException` where nothing was answered, or the
    batch as a whole was refused."""
    if answered is None:
        raise DialChannelClosedError("the client channel closed without an answer")
    for one in answered:
        if one.id is None and one.error is not None:
            raise DialException(
                f"the batch was refused ({one.error.code}): {one.error.message}", status_code=502
            )
    by_id = {str(one.id): one for one in answered}
    return {toolset: _outcome(by_id.get(str(at))) for at, toolset in enumerate(ids, 1)}


def _outcome(answer: JsonRpcResponse | None) -> SigninResult:
    if answer is None or answer.error is not None:
        return SigninResult.ERROR
    known = {member.value: member for member in SigninResult}
    return (
        known.get(answer.result, SigninResult.ERROR)
        if isinstance(answer.result, str)
        else SigninResult.ERROR
    )


def event(data: Any) -> ChannelEvent:
    """An event for who listens."""
    from polychat_rest.dial.models import ClientChannel as ChannelEvent

    return ChannelEvent.from_owned(data)


class ClientChannel:
    """``client.client_channel``."""

    def __init__(self, core: SyncCore) -> None:
        self._core = core

    def signin_toolsets(
        self, *, channel_id: str, toolset_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> dict[str, SigninResult]:
        """Asks the user to sign in to toolsets; the outcome for each, in the order given."""
        ids = checked_ids(toolset_ids)
        if not ids:
            return {}
        with self._core.stream(signin_request(channel_id, ids), responses, options) as stream:
            return outcomes(ids, next(stream, None))

    def subscribe(self, channel_id: str, **options: Unpack[CallOptions]) -> Stream[ChannelEvent]:
        """Listens on a channel: what applications ask, without end."""
        name = "client_channel.subscribe_to_client_channel"
        return self._core.stream(build(name)(x_dial_client_channel_id=channel_id), event, options)

    def report(
        self, channel_id: str, answer: Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> None:
        """Answers what came on a channel."""
        name = "client_channel.report_to_client_channel"
        request = build(name)(body=dict(answer), x_dial_client_channel_id=channel_id)
        self._core.call(request, options)

    def unsubscribe(self, channel_id: str, **options: Unpack[CallOptions]) -> None:
        """Stops listening."""
        name = "client_channel.unsubscribe_from_client_channel"
        self._core.call(build(name)(x_dial_client_channel_id=channel_id), options)


class AsyncClientChannel:
    """`ClientChannel` for asynchronous code."""

    def __init__(self, core: AsyncCore) -> None:
        self._core = core

    async def signin_toolsets(
        self, *, channel_id: str, toolset_ids: Sequence[str], **options: Unpack[CallOptions]
    ) -> dict[str, SigninResult]:
        """Asks the user to sign in to toolsets; the outcome for each, in the order given."""
        ids = checked_ids(toolset_ids)
        if not ids:
            return {}
        request = signin_request(channel_id, ids)
        async with await self._core.stream(request, responses, options) as stream:
            return outcomes(ids, await anext(stream, None))

    async def subscribe(
        self, channel_id: str, **options: Unpack[CallOptions]
    ) -> AsyncStream[ChannelEvent]:
        """Listens on a channel: what applications ask, without end."""
        request = build("client_channel.subscribe_to_client_channel")(
            x_dial_client_channel_id=channel_id
        )
        return await self._core.stream(request, event, options)

    async def report(
        self, channel_id: str, answer: Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> None:
        """Answers what came on a channel."""
        name = "client_channel.report_to_client_channel"
        request = build(name)(body=dict(answer), x_dial_client_channel_id=channel_id)
        await self._core.call(request, options)

    async def unsubscribe(self, channel_id: str, **options: Unpack[CallOptions]) -> None:
        """Stops listening."""
        name = "client_channel.unsubscribe_from_client_channel"
        await self._core.call(build(name)(x_dial_client_channel_id=channel_id), options)
