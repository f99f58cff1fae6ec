"""Operations: their names, parameters and media types, in the one form that the templates read."""

from __future__ import annotations

import copy
import re
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from .schemas import METHODS, Schema, array, is_object, operations, part

_PATH_NAME = re.compile(r"\{([^{}]*)\}")
_JSON_LINES = ("application/x-ndjson", "application/jsonl")
_PLAIN_NAME = re.compile(r"[a-zA-Z_-][a-zA-Z0-9_-]*")


def inline_components(spec: Schema, problems: list[str]) -> None:
    """Puts shared parameters, responses and bodies where they are used, path-level ones too."""
    shared = part(spec, "components")

    def resolved(value: Any) -> Any:
        for _ in range(10):
            if not is_object(value) or "$ref" not in value:
                return copy.deepcopy(value)
            *_, kind, name = ["", "", *str(value["$ref"]).split("/")]
            target = shared.get(kind, {}).get(name.replace("~1", "/").replace("~0", "~"))
            if target is None:
                problems.append(f"$ref {value['$ref']!r}: no such component; add it")
                return {"description": ""}
            value = target
        problems.append(f"$ref {value['$ref']!r}: leads back to itself")
        return {"description": ""}

    for item in part(spec, "paths").values():
        common = [resolved(parameter) for parameter in array(item, "parameters")]
        item.pop("parameters", None)
        for method in METHODS:
            operation = item.get(method)
            if not is_object(operation):
                continue
            own = [resolved(parameter) for parameter in array(operation, "parameters")]
            taken = {(parameter.get("name"), parameter.get("in")) for parameter in own}
            own += [p for p in common if (p.get("name"), p.get("in")) not in taken]
            operation["parameters"] = copy.deepcopy(own)
            if "requestBody" in operation:
                operation["requestBody"] = resolved(operation["requestBody"])
            operation["responses"] = {
                str(status): {"description": "", **resolved(response)}
                for status, response in part(operation, "responses").items()
            }
    for kind in ("parameters", "responses", "requestBodies"):
        shared.pop(kind, None)


def name_operations(spec: Schema, problems: list[str]) -> None:
    """Every operation has an id that is its own, also as a Python name: files are named so."""
    seen: dict[str, str] = {}
    for method, path, operation in operations(spec):
        where = f"{method.upper()} {path}"
        if not operation.get("operationId"):
            operation["operationId"] = f"{method}_{path.strip('/').replace('/', '_')}"
        name = operation_name(operation)
        if name in seen:
            problems.append(
                f"operation {where}: its id gives the name {name}, as that of {seen[name]} does;"
                " set another operationId by the overlay"
            )
        seen[name] = where


def operation_name(operation: Schema) -> str:
    """The module name that the generator gives an operation."""
    return str(PythonIdentifier(str(operation["operationId"]), "field_"))


def rename_path_parameters(spec: Schema) -> None:
    """Path parameters with plain names: the generator drops ``/x/{Deployment Name}``."""
    for path in list(part(spec, "paths")):
        item = spec["paths"][path]
        for _, _, operation in operations({"paths": {path: item}}):
            for parameter in operation["parameters"]:
                if parameter.get("in") == "path":
                    parameter["name"] = _plain(str(parameter.get("name")))
    spec["paths"] = {
        _PATH_NAME.sub(lambda match: "{" + _plain(match[1]) + "}", path): item
        for path, item in part(spec, "paths").items()
    }


def _plain(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name):
        return name
    return "p_" + re.sub(r"[^a-zA-Z0-9]+", "_", name).strip("_")


def sort_out_media_types(spec: Schema) -> None:
    """One content for each answer and body, in a media type that the generator knows.

    It would drop ``audio/wav``, ``*/*`` and ndjson answers and any text body, and of JSON and an
    event stream take the one that comes first. The stream's schema is kept as the operation's
    ``x-chunk``, its end marker as ``x-done``; ``x-binary`` says that an answer may be bytes, and
    ``x-content-type`` what a raw body is sent as.
    """
    for _, _, operation in operations(spec):
        for status, response in operation["responses"].items():
            content = {_essence(kind): media for kind, media in _items(response)}
            if str(status).startswith("2") or status == "default":
                _take_stream(operation, content)
                kinds = {_kind(kind) for kind in content}
                if "application/octet-stream" in kinds or len(kinds) > 1:
                    operation["x-binary"] = True
            response.pop("content", None)
            if content:
                response["content"] = _one(content)
        body = operation.get("requestBody")
        if body and body.get("content"):
            body["content"] = dict(_body(operation, *item) for item in body["content"].items())


def _items(response: Schema) -> list[tuple[str, Schema]]:
    content = part(response, "content")
    return [(media_type, part(content, media_type)) for media_type in content]


def _essence(media_type: str) -> str:
    return str(media_type).partition(";")[0].strip().lower()


def _take_stream(operation: Schema, content: dict[str, Schema]) -> None:
    stream = content.pop("text/event-stream", None)
    if stream is None:
        return
    operation["x-chunk"] = part(stream, "schema")
    if "x-done" in stream:
        operation["x-done"] = stream["x-done"]
    if not content:
        operation["x-only-stream"] = True


def _kind(media_type: str) -> str:
    if media_type == "application/json" or media_type.endswith("+json"):
        return "application/json"
    if media_type.startswith("text/") or media_type in _JSON_LINES:
        return "text/plain"
    return "application/octet-stream"


def _one(content: dict[str, Schema]) -> dict[str, Schema]:
    """JSON where there is JSON: it has the types. Else text, else bytes."""
    for wanted in ("application/json", "text/plain"):
        for media_type, media in content.items():
            if _kind(media_type) == wanted:
                return {wanted: media if wanted != "text/plain" else {"schema": {"type": "string"}}}
    return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def _body(operation: Schema, media_type: str, media: Schema) -> tuple[str, Schema]:
    essence = _essence(media_type)
    if essence.startswith("multipart/"):
        return "multipart/form-data", media
    if essence == "application/x-www-form-urlencoded" or _kind(essence) == "application/json":
        return essence, media
    operation["x-content-type"] = media_type
    return "application/octet-stream", {"schema": {"type": "string", "format": "binary"}}
