"""Both libraries behind one way to call them, and results that can be compared."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import io
import warnings
from collections.abc import Mapping
from enum import Enum
from types import SimpleNamespace
from typing import Any

from PIL import Image as PillowImage
from pydantic import BaseModel

from polychat.emulator import Emulator
from tests.peers.aleph_alpha.cases import CASES, Case

MODULES = (
    "aleph_alpha_client", "embedding", "chat", "completion", "utils", "version", "detokenization",
    "evaluation", "explanation", "prompt", "prompt_template",
    "reranking", "steering", "structured_output", "tokenization", "translation",
)  # fmt: skip
OLD, OURS = "aleph_alpha_client", "polychat.aleph_alpha"
BASES = ("ValueError", "PermissionError", "QuotaError", "TimeoutError", "BusyError", "RuntimeError")


class City(BaseModel):
    """A city."""

    name: str
    people: int


def names_of(root: str) -> Any:
    """The public names of a library's modules, chat's `Usage`, not that of embeddings."""
    names: dict[str, Any] = {}
    for module in MODULES:
        for name, value in vars(importlib.import_module(f"{root}.{module}")).items():
            own = str(getattr(value, "__module__", "")).startswith(root) or name.isupper()
            if own and not name.startswith("_"):
                names[name] = value
    file = io.BytesIO()
    PillowImage.new("RGB", (2, 2)).save(file, format="PNG")
    return SimpleNamespace(**{**names, "City": City, "picture": PillowImage.open(file)})


class Comparable:
    """Turns results into plain values, with the fields that the old classes have."""

    def __init__(self, old: Any) -> None:
        self.fields: dict[str, set[str]] = {}
        # There are two classes Usage: that of embeddings has some of the other's fields.
        for value in vars(old).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value):
                names = {field.name for field in dataclasses.fields(value)}
                self.fields.setdefault(value.__name__, set()).update(names)

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Enum):
            return [type(value).__name__, value.value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            name = type(value).__name__
            known = self.fields.get(name, set())
            own = [field.name for field in dataclasses.fields(value) if field.name in known]
            return [name, {field: self(getattr(value, field)) for field in sorted(own)}]
        if isinstance(value, Mapping):
            return {str(key): self(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self(item) for item in value]
        if hasattr(value, "encode") and hasattr(value, "to_str"):
            return ["Tokenizer", value.encode("hello world").ids]
        if isinstance(value, BaseException):
            bases = {base.__name__ for base in type(value).__mro__ if base.__name__ in BASES}
            if not bases:
                return ["raised", type(value).__name__]
            by_status = bool(value.args) and isinstance(value.args[0], int)
            return ["raised", sorted(bases), list(value.args) if by_status else []]
        return value


Outcome = dict[str, Any]
"""What a call gave, and what it sent."""


class Run:
    """The outcomes of all cases with one library and one colour."""

    def __init__(self, root: str, colour: str, emulator: Emulator, plain: Comparable) -> None:
        self.names = names_of(root)
        self.colour = colour
        self.emulator = emulator
        self.plain = plain

    def outcomes(self) -> dict[str, Outcome]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the old client's own
            return {name: self._outcome(case) for name, case in CASES.items()}

    def _outcome(self, case: Case) -> Outcome:
        self.emulator.reset()
        items: list[Any] = []
        try:
            run = self._sync if self.colour == "sync" else self._async
            result = run(case, items)
        except Exception as error:  # noqa: BLE001  # an outcome like any other
            result = error
        sent = [
            [request.method, request.path, request.json() if request.body else None]
            for request in self.emulator.requests
        ]
        return {"gave": self.plain([*items, result] if items else result), "sent": sent}

    def _arguments(self, case: Case) -> dict[str, Any]:
        return {"token": "t", "host": self.emulator.url("aleph_alpha"), **case.client}

    def _sync(self, case: Case, items: list[Any]) -> Any:
        client = self.names.Client(**self._arguments(case))
        try:
            result = getattr(client, case.method)(*case.args(self.names))
            if hasattr(result, "__next__"):
                items.extend(result)
                return "end"
            return result
        finally:
            client.close() if hasattr(client, "close") else client.session.close()

    def _async(self, case: Case, items: list[Any]) -> Any:
        async def run() -> Any:
            async with self.names.AsyncClient(**self._arguments(case)) as client:
                result = getattr(client, case.method)(*case.args(self.names))
                if hasattr(result, "__anext__"):
                    async for item in result:
                        items.append(item)  # noqa: PERF401  # those before an error count
                    return "end"
                return await result

        return asyncio.run(run())
