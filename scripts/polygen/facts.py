"""What the templates need to know of an operation beyond what the generator's parser keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .contents import operation_name
from .schemas import Schema, array, components, is_object, name_of, operations, part
from .text import literal

RESENT = frozenset({"get", "put", "delete", "head"})
BATCH_FIELDS = ("asked", "answered", "called", "beside", "best")
"""Those of `polychat_rest.batches.Batch`: nothing else of ``x-batch`` goes into Python."""


@dataclass(frozen=True)
class Roots:
    """What makes an object a success, as the spec names it in ``x-answer``: each of `fields`, of
    the alternatives ``a|b`` one; ``a+`` is a list with at least one item, ``*`` any field.
    `named` tells whether it does, `has_error` whether the type itself has a field ``error``."""

    fields: tuple[str, ...] = ()
    named: bool = False
    has_error: bool = False
    arrays: tuple[str, ...] = ()
    """Those of the type's fields that can only be lists."""

    @property
    def lists(self) -> tuple[str, ...]:
        """The fields without an alternative that can only be lists."""
        return tuple(one for (one, *others) in self.groups if not others and one in self.arrays)

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The names of each field's alternatives."""
        return tuple(tuple(field.removesuffix("+").split("|")) for field in self.fields)

    @property
    def filled(self) -> tuple[str, ...]:
        """The lists that are not empty."""
        return tuple(field.removesuffix("+") for field in self.fields if field.endswith("+"))


@dataclass(frozen=True)
class Facts:
    """One operation of a normalised spec.

    `segments` are the path parameters whose value may hold slashes, `comma` the query parameters
    whose list is one comma-separated value; `chunk` is the schema of an event, `done` the data
    that ends the stream; `content_type` is that of a raw body. `batch` names the lists of which
    one answers the other.
    """

    id: str
    method: str
    path: str
    summary: str
    chunk: Schema | None
    done: str | None
    only_stream: bool
    stream_field: bool
    binary: bool
    resend: bool
    segments: tuple[str, ...]
    comma: tuple[str, ...]
    batch: Schema | None
    query: tuple[str, ...]
    header: tuple[str, ...]
    required: tuple[str, ...]
    tags: tuple[str, ...]
    status: tuple[str, ...]
    body: Schema | None
    answer: Schema | None
    content_type: str | None
    described: Mapping[str, str]
    """Parameter name to description."""
    successes: Mapping[str, Roots]
    """Status to what makes its answer one, for the answers that are JSON."""

    @property
    def roots(self) -> tuple[str, ...]:
        """The fields that make the first success an answer."""
        return next((found.fields for found in self.successes.values()), ())

    @property
    def batch_code(self) -> str:
        """The `Batch` of the operation, as it stands in its module."""
        told = self.batch or {}
        given = (f"{name}={literal(told[name])}" for name in BATCH_FIELDS if name in told)
        return f"Batch({', '.join(given)})"

    @property
    def schema_names(self) -> dict[str, str | None]:
        """The component names of `chunk`, `body` and `answer`, where they are components."""
        found = {"chunk": self.chunk, "body": self.body, "answer": self.answer}
        return {key: name_of((schema or {}).get("$ref")) for key, schema in found.items()}


def describe(spec: Schema) -> dict[str, Facts]:
    """The operations of a normalised spec, by the module name that the generator gives them."""
    return {
        operation_name(operation): _facts(spec, method, path, operation)
        for method, path, operation in operations(spec)
    }


def _facts(spec: Schema, method: str, path: str, operation: Schema) -> Facts:
    parameters: list[Schema] = operation.get("parameters") or []

    def names(where: str) -> tuple[str, ...]:
        return tuple(str(p["name"]) for p in parameters if p.get("in") == where)

    body = _schema(operation.get("requestBody"))
    answer = None
    for status, response in operation["responses"].items():
        if status.startswith("2") and answer is None:
            answer = _schema(response)
    chunk = operation.get("x-chunk")
    return Facts(
        id=str(operation["operationId"]),
        method=method,
        path=path,
        summary=str(operation.get("summary") or ""),
        chunk=chunk if is_object(chunk) else None,
        done=str(operation["x-done"]) if "x-done" in operation else None,
        only_stream=bool(operation.get("x-only-stream")),
        stream_field=_has_field(spec, body, "stream"),
        binary=bool(operation.get("x-binary")),
        resend=method in RESENT or operation.get("x-resend") is True,
        segments=tuple(
            str(p["name"]) for p in parameters if p.get("in") == "path" and p.get("x-segments")
        ),
        comma=tuple(
            str(p["name"])
            for p in parameters
            if p.get("in") == "query" and p.get("explode") is False
        ),
        batch=part(operation, "x-batch") or None,
        query=names("query"),
        header=names("header"),
        required=tuple(str(p["name"]) for p in parameters if p.get("required")),
        tags=tuple(map(str, array(operation, "tags"))),
        status=tuple(operation["responses"]),
        body=body,
        answer=answer,
        content_type=operation.get("x-content-type"),
        described={str(p["name"]): str(p.get("description") or "") for p in parameters},
        successes={
            status: _roots(spec, schema)
            for status, response in operation["responses"].items()
            if status.startswith("2") and (schema := _schema(response)) is not None
        },
    )


def _roots(spec: Schema, schema: Schema) -> Roots:
    named = components(spec).get(name_of(schema.get("$ref")) or "", schema)
    return Roots(
        tuple(map(str, array(named, "x-answer"))),
        named="x-answer" in named,
        has_error="error" in part(named, "properties"),
        arrays=tuple(
            name
            for name, inner in part(named, "properties").items()
            if is_object(inner) and inner.get("type") == "array"
        ),
    )


def _schema(holder: Schema | None) -> Schema | None:
    for media in part(holder or {}, "content").values():
        schema = media.get("schema") if is_object(media) else None
        return schema if is_object(schema) else None
    return None


def _has_field(spec: Schema, schema: Schema | None, field: str) -> bool:
    named = components(spec)
    name = name_of((schema or {}).get("$ref"))
    return name in named and field in part(named[name], "properties")
