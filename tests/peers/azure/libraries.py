"""Runs a case with one library, and tells what came of it in terms of neither."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from typing import Any

import azure.ai.inference
import azure.ai.inference.aio
import azure.ai.inference.models
import azure.core.exceptions as core
from azure.core.credentials import AzureKeyCredential

import polychat.azure
import polychat.azure.aio
import polychat.azure.models
from polychat.emulator import Emulator

from .calls import Case

KEY = "the-key-of-the-test"
ROOT = "/models"
LIBRARIES = {
    "old": (azure.ai.inference, azure.ai.inference.models),
    "old aio": (azure.ai.inference.aio, azure.ai.inference.models),
    "new": (polychat.azure, polychat.azure.models),
    "new aio": (polychat.azure.aio, polychat.azure.models),
}
ERRORS = (
    core.ClientAuthenticationError, core.ResourceNotFoundError, core.ResourceExistsError,
    core.IncompleteReadError, core.DecodeError, core.HttpResponseError,
    core.ServiceRequestError, core.ServiceResponseError,
    KeyError, TypeError, ValueError, AttributeError,
)  # fmt: skip
HEADERS = (
    "accept", "api-key", "authorization", "content-type", "extra-parameters", "x-mine",
    "traceparent", "x-client", "x", "y",
)  # fmt: skip


@dataclasses.dataclass
class Outcome:
    """What a call gave and what was sent for it."""

    result: Any = None
    updates: list[Any] | None = None
    error: str | None = None
    status: int | None = None
    code: str | None = None
    requests: list[dict[str, Any]] = dataclasses.field(default_factory=list)

    def differences(self, other: Outcome) -> set[str]:
        """The names of what is not the same."""
        mine, theirs = dataclasses.asdict(self), dataclasses.asdict(other)
        return {name for name in mine if mine[name] != theirs[name]}


def run(library: str, case: Case, emulator: Emulator) -> Outcome:
    """The outcome of a case."""
    emulator.reset()
    outcome = Outcome()
    try:
        if library.endswith("aio"):
            asyncio.run(_call_async(library, case, emulator, outcome))
        else:
            _call(library, case, emulator, outcome)
    except Exception as error:  # noqa: BLE001  # what it is, is compared
        outcome.error = next(
            (kind.__name__ for kind in ERRORS if isinstance(error, kind)), repr(error)
        )
        outcome.status = getattr(error, "status_code", None)
        outcome.code = getattr(getattr(error, "error", None), "code", None)
    outcome.requests = [_request(sent, emulator) for sent in emulator.requests]
    return outcome


def _made(library: str, case: Case, emulator: Emulator) -> tuple[Any, Any]:
    module, models = LIBRARIES[library]
    url = emulator.url("azure").removesuffix(ROOT) + case.path
    client = getattr(module, case.client)(url, AzureKeyCredential(KEY), **case.made_with(models))
    return client, models


def _call(library: str, case: Case, emulator: Emulator, outcome: Outcome) -> None:
    client, models = _made(library, case, emulator)
    with client:
        result = getattr(client, case.method)(*case.positional(models), **case.arguments(models))
        if hasattr(result, "as_dict"):
            outcome.result = result.as_dict()
            return
        outcome.updates = []
        with result:
            for update in result:
                outcome.updates.append(update.as_dict())


async def _call_async(library: str, case: Case, emulator: Emulator, outcome: Outcome) -> None:
    client, models = _made(library, case, emulator)
    async with client:
        result = await getattr(client, case.method)(
            *case.positional(models), **case.arguments(models)
        )
        assert not inspect.isawaitable(result)
        if hasattr(result, "as_dict"):
            outcome.result = result.as_dict()
            return
        outcome.updates = []
        async with result:
            async for update in result:
                outcome.updates.append(update.as_dict())


def _request(sent: Any, emulator: Emulator) -> dict[str, Any]:
    headers = {name: sent.headers.get(name) for name in HEADERS}
    identity = sent.headers.get("x-ms-client-request-id")
    agent = sent.headers["user-agent"].removesuffix(f" polychat/{polychat.__version__}")
    return {
        "method": sent.method,
        "path": sent.path,
        "body": sent.body,
        "headers": headers,
        "user-agent": agent,
        "request-id": identity if identity in ("my-id", "fixed", None) else "a uuid",
        "length": sent.headers.get("content-length"),
    }
