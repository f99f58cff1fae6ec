"""Many Messages requests at once, for Claude models: ``client.batches``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, cast

from polychat._core.auth import Auth
from polychat._core.client import COMMON_HEADERS, AsyncCore, SyncCore
from polychat._core.config import origin
from polychat._core.info import ResponseInfo, ResultList, remember
from polychat._core.options import conceal_options
from polychat._core.outgoing import Service
from polychat.errors import ResponseParseError
from polychat_rest import codec
from polychat_rest.answer import is_error
from polychat_rest.errors import ErrorDocument, UnreadableAnswer
from polychat_rest.protocol import Answer, Operation, Request, Response
from polychat_rest.shapes import is_array, is_object

from ._job_states import known, raise_if_failed
from ._platform import AIMLAPI
from ._resource import AsyncResource, Resource
from .errors import GenerationError

if TYPE_CHECKING:
    from polychat._core.options import CallOptions, Options
    from polychat_rest.aimlapi.models import (
        BatchCancelResponse,
        BatchResult,
        CreateBatchResponse,
        GetBatchResponse,
    )
    from polychat_rest.aimlapi.params import CreateBatchRequestParam

    class BatchParams(CreateBatchRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class _Link(NamedTuple):
    """Where the results are instead."""

    url: str
    info: ResponseInfo
    """Of the answer that names it."""


class _Reading(Operation[bytes]):
    """Results come in several forms; an error document and nothing are none of them."""

    def read(self, status: int, headers: Mapping[str, str], content: bytes) -> bytes:
        if 200 <= status < 300:
            if not content.strip():
                raise UnreadableAnswer(status, content, headers)
            if _is_error(content):
                raise ErrorDocument(status, content, headers)
        return super().read(status, headers, content)


def _is_error(content: bytes) -> bool:
    """Whether a body is an error document, and not the state of a batch that failed."""
    try:
        found = codec.read(content)
    except codec.DecodeError:
        return False
    return is_error(found) and found.keys().isdisjoint(("id", "processing_status", "custom_id"))


def _reading(path: str, query: dict[str, Any] | None = None) -> Request[bytes]:
    """A request for bytes: `Operation.read` knows one JSON document, results are many."""
    operation = _Reading(
        id="getBatch", platform=AIMLAPI.name, method="GET", path=path,
        answers={"2XX": Answer("bytes")}, resend=True, accept="*/*",
    )  # fmt: skip
    return Request(operation, query=query)


def _state_request(batch_id: str) -> Request[bytes]:
    return _reading("/v1/batches", {"batch_id": batch_id})


def _at_link(service: Service, options: Options, link: _Link) -> tuple[Service, Options]:
    """What fetches a link as it stands: with the client's credentials and headers at the client's
    own origin, else with none of them."""
    from urllib.parse import urljoin

    options = options._replace(extra_query={})
    try:
        url = urljoin(service.base_url + "/", link.url)
        target = origin(url)
    except ValueError:
        url, target = "", ("", "", None)
    if target[0] not in ("http", "https") or not target[1]:
        raise ResponseParseError(
            "results_url is no URL", platform=AIMLAPI.name, **link.info.common()
        )
    if target == origin(service.base_url):
        return service._replace(base_url=url), options
    platform = AIMLAPI._replace(sends_request_id=None)
    stranger = Service(platform, url, Auth([]), COMMON_HEADERS)
    return stranger, options._replace(extra_headers={})


def _results(
    answer: Response[bytes], batch_id: str, *, linked: bool
) -> ResultList[BatchResult] | _Link:
    """The results in an answer; where it is the state of the batch, their link. Raises
    `GenerationError` where there are none yet, `GenerationFailedError` where none will come, and
    `ResponseParseError` for what is neither."""
    from polychat_rest.aimlapi.models import BatchResult, GetBatchResponse

    info = ResponseInfo.of(answer)
    try:
        found = _documents(answer.parsed)
        if not linked and len(found) == 1 and "custom_id" not in found[0]:
            state = GetBatchResponse.from_owned(found[0])
            if state.results_url:
                return _Link(state.results_url, info)
            remember(state, info)
            raise_if_failed(state, batch_id, what="batch")
            if state.processing_status is None:
                raise TypeError("neither results nor a state")
            raise GenerationError(
                f"batch {batch_id} has no results ({state.processing_status})",
                remedy="Ask again when client.batches.get(...).processing_status is 'ended'",
                **known(batch_id, state),
            )
        if not all("custom_id" in document for document in found):
            raise TypeError("a result without the id of its request")
        results = ResultList([BatchResult.from_owned(document) for document in found])
    except (codec.DecodeError, TypeError, AttributeError, ValueError) as error:
        raise ResponseParseError(
            f"the results of batch {batch_id} are neither an array nor JSON lines:"
            f" {type(error).__name__}",
            platform=AIMLAPI.name,
            **info.common(),
        ) from None
    remember(results, info)
    return results


def _documents(content: bytes) -> list[dict[str, Any]]:
    """The objects of an array or of JSON lines, or the only one."""
    try:
        whole = codec.read(content)
    except codec.DecodeError:
        whole = [codec.read(line) for line in content.splitlines() if line.strip()]
    found: list[Any] = whole if is_array(whole) else [whole]
    if not all(is_object(document) for document in found):
        raise TypeError("not an object")
    return found


def _pointed(error: ResponseParseError) -> ResponseParseError:
    error.remedy = "If these are the results, read them with client.batches.results(batch_id)"
    return error


class Batches(Resource):
    """``client.batches``."""

    def create(self, **params: Unpack[BatchParams]) -> CreateBatchResponse:
        """Starts a batch: ``POST /v1/batches``."""
        return cast(
            "CreateBatchResponse",
            self._post("batches.create_batch", cast("dict[str, Any]", params)),
        )

    def get(self, batch_id: str, **params: Unpack[CallOptions]) -> GetBatchResponse:
        """How far a batch is: ``GET /v1/batches``."""
        conceal_options(params)
        try:
            return cast(
                "GetBatchResponse",
                self._plain("batches.get_batch", {**params, "batch_id": batch_id}),
            )
        except ResponseParseError as error:
            raise _pointed(error)  # noqa: B904  # it is the same

    def results(self, batch_id: str, **params: Unpack[CallOptions]) -> ResultList[BatchResult]:
        """The results of a batch that has ended, in any order: those that ``GET /v1/batches``
        answers, else those at its ``results_url``, as JSON lines or an array. A link to another
        origin is fetched without credentials and without the client's headers.

        Raises `GenerationError` where there are no results yet, and its `GenerationFailedError`
        where the batch failed, expired or was cancelled without any.
        """
        core = self._core.with_options(params)
        found = _results(core.send(_state_request(batch_id)), batch_id, linked=False)
        if isinstance(found, _Link):
            there = SyncCore(*_at_link(core.service, core.options, found), core.http)
            answer = there.send(_reading(""))
            found = _results(answer, batch_id, linked=True)
        return cast("ResultList[BatchResult]", found)

    def cancel(self, batch_id: str, **params: Unpack[CallOptions]) -> BatchCancelResponse:
        """Ends a batch: ``POST /v1/batches/cancel/{batch_id}``."""
        return cast(
            "BatchCancelResponse",
            self._plain("batches.cancel_batch", cast("dict[str, Any]", params), batch_id),
        )


class AsyncBatches(AsyncResource):
    """``client.batches`` of the async client."""

    async def create(self, **params: Unpack[BatchParams]) -> CreateBatchResponse:
        """`Batches.create`, asynchronously."""
        return cast(
            "CreateBatchResponse",
            await self._post("batches.create_batch", cast("dict[str, Any]", params)),
        )

    async def get(self, batch_id: str, **params: Unpack[CallOptions]) -> GetBatchResponse:
        """`Batches.get`, asynchronously."""
        conceal_options(params)
        try:
            return cast(
                "GetBatchResponse",
                await self._plain("batches.get_batch", {**params, "batch_id": batch_id}),
            )
        except ResponseParseError as error:
            raise _pointed(error)  # noqa: B904  # it is the same

    async def results(
        self, batch_id: str, **params: Unpack[CallOptions]
    ) -> ResultList[BatchResult]:
        """`Batches.results`, asynchronously."""
        core = self._core.with_options(params)
        found = _results(await core.send_async(_state_request(batch_id)), batch_id, linked=False)
        if isinstance(found, _Link):
            there = AsyncCore(*_at_link(core.service, core.options, found), core.http)
            answer = await there.send_async(_reading(""))
            found = _results(answer, batch_id, linked=True)
        return cast("ResultList[BatchResult]", found)

    async def cancel(self, batch_id: str, **params: Unpack[CallOptions]) -> BatchCancelResponse:
        """`Batches.cancel`, asynchronously."""
        return cast(
            "BatchCancelResponse",
            await self._plain("batches.cancel_batch", cast("dict[str, Any]", params), batch_id),
        )
