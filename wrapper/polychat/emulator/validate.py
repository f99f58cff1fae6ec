"""Requests held against our own specs.

A request finds its operation by method and path template; then its query, its headers and its
JSON body are checked. The specs are the normalised ones that lie beside the generated clients.
Fields that a spec does not know are allowed, because the platforms allow them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import (
    ValidationError,
    best_match,  # pyright: ignore[reportUnknownVariableType]
)

from polychat.emulator.exchange import Refusal
from polychat.emulator.schema import to_json_schema

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# The stubs of this one name are partly untyped.
_best_match: Callable[[Any], ValidationError | None] = best_match  # pyright: ignore[reportUnknownVariableType]
_PARAMETER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a spec. `pattern` matches a raw path; its groups are `names`, in order."""

    id: str
    method: str
    template: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    parameters: tuple[dict[str, Any], ...]
    content_types: tuple[str, ...]
    body_required: bool
    secured: bool
    body: Draft202012Validator | None = field(compare=False)

    @property
    def takes_form(self) -> bool:
        """Whether the body is a form with files, which a handler reads as a stream."""
        return "multipart/form-data" in self.content_types

    def check(self, query: Mapping[str, str], headers: Mapping[str, str], body: Any) -> None:
        """Raises a 400 Refusal that names the first thing that is wrong with the request."""
        for parameter in self.parameters:
            _check_parameter(parameter, query if parameter["in"] == "query" else headers)
        if self.body is None or self.takes_form:
            return
        if body is None:
            if self.body_required:
                raise Refusal(400, "the request body is missing; it must be a JSON document")
            return
        error = _best_match(self.body.iter_errors(body))  # pyright: ignore[reportUnknownMemberType]
        if error is not None:
            raise Refusal(400, f"request body: {_told(error)}")


class Spec:
    """A platform's operations, found by method and raw path."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._components = {
            "schemas": {
                name: to_json_schema(schema, document)
                for name, schema in document.get("components", {}).get("schemas", {}).items()
            }
        }
        operations = [
            self._operation(method, template, item)
            for template, item in document["paths"].items()
            for method in _METHODS
            if method in item
        ]
        # The more of a template is literal, the earlier it is tried.
        self.operations: list[Operation] = sorted(
            operations, key=lambda o: (len(o.names), -len(o.template))
        )

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation and its raw path parameters, or None.

        Raises a 405 Refusal when the path is known with other methods only.
        """
        allowed: list[str] = []
        for operation in self.operations:
            match = operation.pattern.fullmatch(path)
            if match is None:
                continue
            if operation.method == method:
                return operation, dict(zip(operation.names, match.groups(), strict=True))
            allowed.append(operation.method)
        if allowed:
            headers = {"Allow": ", ".join(allowed)}
            raise Refusal(405, f"{method} is not allowed here", headers=headers)
        return None

    def _operation(self, method: str, template: str, item: dict[str, Any]) -> Operation:
        described = item[method]
        parameters = [
            self._resolve(one)
            for one in [*item.get("parameters", []), *described.get("parameters", [])]
        ]
        spanning = {p["name"] for p in parameters if p["in"] == "path" and p.get("x-segments")}
        pattern, names = "", list[str]()
        for position, part in enumerate(_PARAMETER.split(template)):
            if position % 2:
                names.append(part)
                pattern += "(.*)" if part in spanning else "([^/]+)"
            else:
                pattern += re.escape(part)
        body = self._resolve(described.get("requestBody", {}))
        content = body.get("content", {})
        schema = content.get("application/json", {}).get("schema")
        security = described.get("security", self._document.get("security"))
        return Operation(
            id=described["operationId"],
            method=method.upper(),
            template=template,
            pattern=re.compile(pattern, re.DOTALL),
            names=tuple(names),
            parameters=tuple(
                {**p, "schema": self._resolve(p.get("schema", {}))}
                for p in parameters
                if p["in"] in ("query", "header")
            ),
            content_types=tuple(content),
            body_required=bool(body.get("required")),
            secured=bool(security),
            body=None if schema is None else self._validator(schema),
        )

    def _validator(self, schema: dict[str, Any]) -> Draft202012Validator:
        root = {
            "allOf": [to_json_schema(schema, self._document)],
            "components": self._components,
        }
        return Draft202012Validator(root)

    def _resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self._document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node


@cache
def spec_of(platform: str) -> Spec:
    """The spec that was normalised for the generator, compiled once per process."""
    text = resources.files(f"polychat_rest.{platform}").joinpath("openapi.json").read_bytes()
    return Spec(json.loads(text))


def _check_parameter(parameter: dict[str, Any], given: Mapping[str, str]) -> None:
    name, place = parameter["name"], parameter["in"]
    value = given.get(name)
    what = f"{place} parameter '{name}'"
    if value is None:
        if parameter.get("required"):
            raise Refusal(400, f"{what} is required")
        return
    schema: dict[str, Any] = parameter["schema"]
    allowed = schema.get("enum")
    if allowed and value not in map(str, allowed):
        raise Refusal(400, f"{what} must be one of {', '.join(map(str, allowed))}")
    kind = schema.get("type")
    if kind == "boolean" and value.lower() not in ("true", "false"):
        raise Refusal(400, f"{what} must be true or false")
    if kind in ("integer", "number"):
        try:
            number = int(value) if kind == "integer" else float(value)
        except ValueError:
            raise Refusal(400, f"{what} must be a number (of type {kind})") from None
        if number < schema.get("minimum", number) or number > schema.get("maximum", number):
            low, high = schema.get("minimum", "any"), schema.get("maximum", "any")
            raise Refusal(400, f"{what} must be from {low} to {high}")


def _told(error: ValidationError) -> str:
    """Where the document is wrong, and how. What is missing is named as if it were there."""
    path = list(error.absolute_path)
    if error.validator == "required":
        names: Any = error.validator_value
        given: Any = error.instance
        missing = next(name for name in names if name not in given)
        return f"{_pointer([*path, missing])}: is required"
    return f"{_pointer(path)}: {_shortened(error.message)}"


def _pointer(path: list[str | int]) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "(the whole document)"


def _shortened(message: str) -> str:
    return message if len(message) <= 400 else f"{message[:200]} ... {message[-180:]}"
