"""Which operations answer a list with a list: each of them is held against what was asked, or
says here why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polychat_rest.batches import Batch
from polygen.facts import BATCH_FIELDS, Facts, describe
from polygen.pipeline import corrected
from polygen.schemas import Schema, array, components, name_of, part
from polygen.specs import ROOT, load_platform, platforms
from tests.generator.conftest import compile_spec
from tests.generator.zoo import json_answer, ref

N = "alternatives: a service may give fewer than `n`, and each is a whole answer of its own"
FILTER = "the list says what to look for, and not for what: any number is found"
STATE = "the answer is the state of the resource, with all that it holds"
NOT_HELD = {
    "sendChatCompletionRequest": N, "getChatCompletions": N, "chatCompletions": N,
    "createChatCompletion": N, "complete": N, "completeJson": N,
    "createMessage": "blocks of one answer to a conversation",
    "createResponse": "items of one answer to a conversation",
    "semanticEmbed": "the list is one prompt's parts, the answer one vector's numbers",
    "instructableEmbed": "the list is one prompt's parts, the answer one vector's numbers",
    "embed": "vectors under the names of their layer and pooling: none can stand for another",
    "explain": "explanations of the target: their number is for the host's granularity to say",
    "createImage": "pictures: models make another number of them than was asked for",
    "createVideoGeneration": "the lists are pictures and sounds that one film is made of",
    "ocr": "a page says its number, and a document may have fewer than were asked for",
    "postCheckPrivileges": "the answer are those privileges of the list that the caller has",
    "getSharedResources": FILTER, "listPublishedResources": FILTER,
    "saveConversation": STATE, "createPublication": STATE, "updatePublication": STATE,
}  # fmt: skip
"""Operation to the reason why the lengths of its lists say nothing."""


def lists(spec: Schema, schema: Schema | None, *, root: bool) -> Iterator[str]:
    """The fields of an object that may be lists; "" where it may be one itself."""
    schema = schema or {}
    named = components(spec).get(name_of(schema.get("$ref")) or "", schema)
    for key in ("anyOf", "oneOf", "allOf"):
        for one in array(named, key):
            yield from lists(spec, one, root=root)
    kind = named.get("type")
    if kind == "array" or (isinstance(kind, list) and "array" in kind):
        yield ""
    if root:
        for name, inner in part(named, "properties").items():
            if not inner or "" in lists(spec, inner, root=False):
                yield name


def found() -> list[tuple[str, Schema, Facts]]:
    result: list[tuple[str, Schema, Facts]] = []
    for name in platforms():
        spec, _ = corrected(load_platform(ROOT / "specs" / name))
        result += [(name, spec, facts) for facts in describe(spec).values()]
    return result


OPERATIONS = found()
HELD = [(spec, facts) for _, spec, facts in OPERATIONS if facts.batch]


def test_every_operation_with_two_lists_is_held_or_says_why_not() -> None:
    undecided: list[str] = []
    needless = set(NOT_HELD)
    for _, spec, facts in OPERATIONS:
        asked = list(lists(spec, facts.body, root=True))
        answered = list(lists(spec, facts.answer, root=True))
        if asked and answered and not facts.batch:
            needless.discard(facts.id)
            if facts.id not in NOT_HELD:
                undecided.append(f"{facts.id}: {asked} -> {answered}")
    assert undecided == []
    assert needless == set(), "these have no two lists, or are held"


def test_these_are_held() -> None:
    assert sorted(facts.id for _, facts in HELD) == [
        "batchSemanticEmbed", "createEmbeddings", "embeddings", "getEmbeddings",
        "getImageEmbeddings", "rerank", "sendEmbeddingsRequest", "tokenize", "truncatePrompt",
    ]  # fmt: skip


@pytest.mark.parametrize(("spec", "facts"), HELD, ids=[facts.id for _, facts in HELD])
def test_the_fields_of_a_batch_are_those_of_its_schemas(spec: Schema, facts: Facts) -> None:
    batch = Batch(**(facts.batch or {}))
    body = components(spec)[facts.schema_names["body"] or ""]["properties"]
    answer = components(spec)[facts.schema_names["answer"] or ""]["properties"]
    assert {batch.asked, batch.beside or batch.asked, batch.best or batch.asked} <= body.keys()
    assert batch.answered in answer
    assert Batch._fields == BATCH_FIELDS


def test_what_a_spec_says_of_a_batch_stays_text(tmp_path: Path) -> None:
    """Only known fields, and as literals."""
    code = "__import__('builtins').PWNED"
    given = {"asked": f"a', {code}", "answered": "b", "called": '"', f"best={code}, beside": "x"}
    things: Any = {"type": "object", "properties": {"b": {"type": "array", "items": {}}}}
    spec = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/x": {"post": {
            "operationId": "x",
            "tags": ["t"],
            "x-batch": given,
            "requestBody": {"required": True, "content": {"application/json": {
                "schema": ref("Things")}}},
            "responses": {"200": json_answer("Things")},
        }}},
        "components": {"schemas": {"Things": things}},
    }  # fmt: skip
    package = compile_spec(tmp_path / "batch_rest", spec)
    assert package.findings == []
    source = package.source("api/t/x.py")
    told = next(line for line in source.splitlines() if line.startswith("BATCH"))
    assert eval(told.removeprefix("BATCH = "), {"Batch": Batch}) == Batch(given["asked"], "b", '"')
