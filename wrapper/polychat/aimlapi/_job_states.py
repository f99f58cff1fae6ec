"""What the state of a job means: it is ready, it has failed, or it goes on."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, get_args

from polychat_rest.model import plain
from polychat_rest.shapes import is_array, is_object

from ._platform import AIMLAPI
from .errors import GenerationFailedError

if TYPE_CHECKING:
    from polychat._core.info import ResponseInfo

FAILED = frozenset({"error", "failed", "canceled", "cancelled", "expired"})
"""``error`` is AIMLAPI's word for a job that has failed; the others are those of services that it
passes on. A job may also fail under any word, by its ``error``."""
_OVER = "completed"
"""AIMLAPI's word for a job that is over and has not failed."""


@cache
def _waiting_words() -> frozenset[str]:
    """The states of the spec in which a job goes on."""
    from polychat_rest.aimlapi.models import GenerationWaiting

    return frozenset(get_args(GenerationWaiting))


def is_ready(job: Any, job_id: str, result: Callable[[Any], Any]) -> bool:
    """Whether a job has its result, which `result` takes out of it.

    A job is ready where its result is there and its status is no word of the spec for a job that
    goes on. Raises `GenerationFailedError` where there will be none.
    """
    raise_if_failed(job, job_id)
    word = _word(job)
    if _is_there(result(job)):
        return word not in _waiting_words()
    if word == _OVER:
        message = f"generation {job_id} is {word}, but its result is missing"
        raise GenerationFailedError(message, **known(job_id, job))
    return False


def raise_if_failed(job: Any, job_id: str, *, what: str = "generation") -> None:
    """Raises `GenerationFailedError` for a job with an ``error``, or whose status says so."""
    error: Any = plain(getattr(job, "error", None) or job.additional_properties.get("error"))
    word = _word(job)
    if _says_something(error) or word in FAILED:
        said = _reason(error) or word
        raise GenerationFailedError(f"{what} {job_id}: {said}", **known(job_id, job))


def state_of(job: Any) -> str:
    """The last state of a job that is not ready, in words."""
    status = getattr(job, "status", None)
    return "it has told no status" if status is None else f"its last status is {status!r}"


def known(job_id: str, job: Any) -> dict[str, Any]:
    """What is known of a job, as the keywords of an error."""
    info: ResponseInfo | None = getattr(job, "__response__", None)
    return {
        "generation_id": job_id,
        "job": job,
        "platform": AIMLAPI.name,
        "request_id": info and info.request_id,
        "attempts": info.attempts if info else 0,
        "status": info and info.status,
    }


def _word(job: Any) -> str:
    """The status of a job; a batch names it otherwise."""
    status = getattr(job, "status", None) or getattr(job, "processing_status", None)
    return str(status or "").strip().lower()


def _is_there(result: Any) -> bool:
    """Whether a result is more than a placeholder: ``{"url": null}`` is none, an empty
    transcript is one."""
    found: Any = plain(result)
    if is_object(found):
        return any(value is not None for value in found.values())
    if is_array(found):
        return any(map(_is_there, found))
    return found not in (None, "", False)


def _says_something(error: Any) -> bool:
    """Whether an error is one: some services answer an empty one where all is well."""
    if is_object(error):
        return any(map(_says_something, error.values()))
    if is_array(error):
        return any(map(_says_something, error))
    return bool(error)


def _reason(error: Any) -> str:
    """The words of an error."""
    if is_object(error):
        told = next((error[key] for key in ("message", "name", "code") if error.get(key)), error)
        return str(told)[:1000]
    return str(error)[:1000] if _says_something(error) else ""
