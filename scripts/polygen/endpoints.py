"""What the endpoint template prints: one record an operation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from openapi_python_client.parser.bodies import BodyType
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty

from .emit import Emitter, Module, model_properties, union, variants
from .facts import Facts, Roots
from .params import ParamWriter
from .text import docstring, literal, paragraphs, raw


class UnsupportedOperation(ValueError):
    """An operation that the templates cannot express; `str` says what and how to mend it."""


@dataclass
class Argument:
    """A parameter of an endpoint function."""

    name: str
    wire: str
    type: str
    required: bool
    doc: str

    @property
    def declaration(self) -> str:
        if self.required:
            return f"{self.name}: {self.type}"
        return f"{self.name}: {union([self.type, 'None'])} = None"


@dataclass(frozen=True)
class AnswerCode:
    """How the body of a status is read."""

    status: str
    kind: str
    parser: str | None
    roots: Roots
    success: bool

    @property
    def expression(self) -> str:
        """The `Answer` as it stands in the module."""
        given = [literal(self.kind)]
        if self.parser or self.roots.fields:
            given.append(self.parser or "None")
        if self.roots.fields:
            given.append(repr(self.roots.groups))
        if self.roots.filled:
            given.append(f"filled={self.roots.filled!r}")
        if self.roots.has_error:
            given.append("has_error=True")
        return f"Answer({', '.join(given)})"


@dataclass
class EndpointCode:
    """One endpoint module."""

    facts: Facts
    path: str
    module: Module
    path_arguments: list[Argument]
    query: list[Argument]
    headers: list[Argument]
    body: Argument | None = None
    body_expression: str = ""
    body_fields: tuple[str, ...] | None = None
    """The wire names of the fields of a JSON body, of all its variants together; None where the
    body is no JSON."""
    body_classes: list[str] = field(default_factory=list[str])
    body_models: dict[str, str] = field(default_factory=dict[str, str])
    """The models that only annotations name; a call with a dict loads none of them."""
    params: list[str] = field(default_factory=list[str])
    answers: list[AnswerCode] = field(default_factory=list[AnswerCode])
    doc: str = ""
    type: str = "Any"
    chunk_type: str | None = None
    chunk_parser: str | None = None
    download: bool = False

    @property
    def keywords(self) -> list[Argument]:
        return [*([self.body] if self.body else []), *self.query, *self.headers]

    @property
    def arguments(self) -> list[Argument]:
        return [*self.path_arguments, *self.keywords]

    @property
    def accept(self) -> str:
        """What the operation asks for, apart from its event stream."""
        if self.facts.only_stream:
            return "text/event-stream"
        success = [answer.kind for answer in self.answers if answer.success]
        if not self.facts.binary and not set(success) & {"text", "bytes"}:
            return "application/json"
        return "*/*"

    def docstring(self, what: str, returns: str) -> str:
        """`what` says in which way the function does it."""
        summary = self.facts.summary or f"{self.facts.method.upper()} {self.facts.path}"
        parts = [paragraphs(summary.rstrip(".") + "." + (f" {what}" if what else ""))]
        if self.doc:
            parts.append(paragraphs(self.doc))
        rows = [
            paragraphs(a.doc or "see above.", 84, f"    {a.name}: ", "        ")
            for a in self.arguments
        ]
        if rows:
            parts.append("\n".join(["Args:", *rows]))
        parts.append(paragraphs(returns, 84, "Returns:\n    ", "    ") if returns else "")
        raised = ["UnexpectedStatus: the answer is none that the spec documents."]
        if self.path_arguments:
            raised.insert(0, "InvalidPathError: a path parameter would change the path's meaning.")
        parts.append("\n    ".join(["Raises:", *raised]))
        return docstring(parts)


def endpoint_code(
    endpoint: Endpoint, facts: Facts, emitter: Emitter, params: ParamWriter, chunk: Any
) -> EndpointCode:
    """The record of one endpoint; `chunk` is the property of its stream's events, or None.

    Raises `UnsupportedOperation`.
    """
    where = f"operation {facts.id} ({facts.method.upper()} {facts.path})"
    if endpoint.cookie_parameters:
        raise UnsupportedOperation(f"{where}: cookies are not sent; drop them by the overlay")
    module = Module()

    def argument(prop: Any) -> Argument:
        if isinstance(prop, ModelProperty):
            raise UnsupportedOperation(
                f"{where}: parameter {raw(prop.name)!r} is an object; give its fields one by one"
            )
        found = params.type_of(prop)
        wire = raw(prop.name)
        doc = facts.described.get(wire) or raw(prop.description)
        return Argument(str(prop.python_name), wire, found, prop.required, doc)

    code = EndpointCode(
        facts=facts,
        path=_path(endpoint, facts),
        module=module,
        path_arguments=[argument(prop) for prop in endpoint.path_parameters],
        query=[argument(prop) for prop in endpoint.query_parameters],
        headers=[argument(prop) for prop in endpoint.header_parameters],
        doc=raw(endpoint.description),
    )
    _body(code, endpoint, params, where)
    _answers(code, endpoint, emitter)
    if chunk is not None:
        code.chunk_type = emitter.answer_type(chunk, module)
        code.chunk_parser = emitter.parser(chunk, module, "chunk")
    elif facts.chunk is not None:
        code.chunk_type = "Any"
    return code


def _path(endpoint: Endpoint, facts: Facts) -> str:
    path = endpoint.path.get_untrusted_value()
    for prop in endpoint.path_parameters:
        if raw(prop.name) in facts.segments:
            path = path.replace(f"{{{prop.python_name}}}", f"{{+{prop.python_name}}}")
    return path


def _body(code: EndpointCode, endpoint: Endpoint, params: ParamWriter, where: str) -> None:
    if not endpoint.bodies:
        return
    if len(endpoint.bodies) > 1:
        raise UnsupportedOperation(
            f"{where}: takes bodies of several media types; leave one of them by the overlay"
        )
    body = endpoint.bodies[0]
    prop = body.prop
    kind = params.body(prop)
    if isinstance(prop, ModelProperty) and not params.is_map(prop):
        name = str(prop.class_info.name)
        code.body_models[name] = str(prop.class_info.module_name)
        code.params.append(kind)
        kind = f"{name} | {kind}"
    else:
        code.params += params.names_in(kind)
    if body.body_type == BodyType.CONTENT:
        kind = "FileContent"
        content_type = literal(code.facts.content_type or "application/octet-stream")
        expression, code.body_classes = f"RawBody(body, {content_type})", ["FileContent", "RawBody"]
    elif body.body_type == BodyType.FILES:
        expression, code.body_classes = "MultipartBody(plain(body).items())", ["MultipartBody"]
    elif body.body_type == BodyType.DATA:
        expression, code.body_classes = "FormBody(body)", ["FormBody"]
    else:
        expression, code.body_classes = "JsonBody(body)", ["JsonBody"]
        objects = [each for each in variants(prop) if isinstance(each, ModelProperty)]
        names = {raw(field.name) for each in objects for field in model_properties(each)}
        code.body_fields = tuple(sorted(names))
    optional = "" if prop.required else "None if body is None else "
    code.body_expression = optional + expression
    code.body = Argument("body", "body", kind, prop.required, raw(prop.description))


def _answers(code: EndpointCode, endpoint: Endpoint, emitter: Emitter) -> None:
    types: list[str] = []
    statuses = [response.status_code.pattern for response in endpoint.responses]
    documented = any(status.startswith("2") for status in statuses)
    for response, status in zip(endpoint.responses, statuses, strict=True):
        prop = response.prop
        success = status.startswith("2") or (status == "default" and not documented)
        source = response.source["return_type"]
        parser = None
        if source == "None":
            kind, found = "none", "None"
        elif source in ("str", "bytes"):
            kind, found = ("text", "str") if source == "str" else ("bytes", "bytes")
        else:
            kind = "json"
            found = emitter.answer_type(prop, code.module)
            parser = emitter.parser(prop, code.module, f"answer_{status}".lower())
        if success and code.facts.binary and kind == "json":
            types.append("bytes")
        code.download |= success and (kind == "bytes" or (code.facts.binary and kind == "json"))
        types.append(found)
        roots = code.facts.successes.get(status, Roots()) if kind == "json" else Roots()
        code.answers.append(AnswerCode(status, kind, parser, roots, success))
    code.type = union(types) if types else "Any"
