"""Is anything worse without an overlay entry? Each entry says what; here it is tried."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from .facts import Facts, describe
from .overlay import pointers
from .pipeline import compile_platform, corrected
from .schemas import PREFIX, Schema, components, is_array, is_object
from .specs import Platform

KINDS = ("accepts", "rejects", "operation", "generator")
_EXACT = ("tags", "required")
"""Lists that must be the same; of the others the named items must be there."""


class CheckError(ValueError):
    """A `worse` that cannot be tried as it is written."""


def check(platform: Platform) -> list[str]:
    """The entries without which nothing is worse: one line each."""
    findings: list[str] = []
    whole, _ = corrected(platform)
    for index, entry in enumerate(platform.overlay):
        where = f"specs/{platform.name}: overlay entry {index + 1} ({pointers(entry)[0]})"
        try:
            kind, claim = _claim(entry)
            if kind == "generator":
                problem = _generator(platform, index, str(claim))
            else:
                without, _ = corrected(platform, without=index)
                problem = _compare(kind, claim, whole, without)
        except CheckError as error:
            problem = str(error)
        if problem:
            findings.append(f"{where}: {problem}")
    return findings


def _claim(entry: dict[str, Any]) -> tuple[str, Any]:
    worse = entry.get("worse")
    if not is_object(worse) or len(worse) != 1 or not worse.keys() <= set(KINDS):
        raise CheckError(f"`worse` must have exactly one of {', '.join(KINDS)}")
    return next(iter(worse.items()))


def _compare(kind: str, claim: Any, whole: Schema, without: Schema) -> str | None:
    if not is_object(claim):
        raise CheckError(f"`{kind}` must be an object")
    if kind == "operation":
        if missing := _missing(claim, whole):
            return f"the corrected spec does not have {missing}; mend the entry or its `worse`"
        return None if _missing(claim, without) else _needless("the operation is the same")
    name = str(claim.get("schema"))
    if name not in components(whole):
        raise CheckError(f"the corrected spec has no schema {name}")
    with_it = _invalid(whole, name, claim.get("value"))
    without_it = _invalid(without, name, claim.get("value"))
    if kind == "accepts":
        if with_it:
            return f"{name} does not accept the value: {with_it}; mend the entry or its `worse`"
        return None if without_it else _needless(f"{name} accepts the value")
    if not with_it:
        return f"{name} does not reject the value; mend the entry or its `worse`"
    return _needless(f"{name} rejects the value") if without_it else None


def _needless(what: str) -> str:
    return f"without the entry {what} too: drop the entry, or say what is worse"


def _invalid(spec: Schema, name: str, value: Any) -> str | None:
    """Why `value` is not valid under a schema of a normalised spec; a lost schema takes nothing."""
    if name not in components(spec):
        return "there is no such schema"
    schema = {"$ref": PREFIX + name, "components": spec["components"]}
    validator: Any = Draft202012Validator(schema)
    for error in validator.iter_errors(value):
        return str(error.message)
    return None


def _missing(claim: dict[str, Any], spec: Schema) -> str | None:
    """What the claim says of an operation and the spec does not."""
    wanted = dict(claim)
    identity = wanted.pop("id", None)
    found = {facts.id: facts for facts in describe(spec).values()}.get(str(identity))
    exists = wanted.pop("exists", True)
    if (found is not None) != exists:
        return f"operation {identity}" if exists else f"the lack of operation {identity}"
    if found is None:
        return None
    for key, value in wanted.items():
        if not _holds(found, key, wanted):
            return f"{key}: {value} for {identity}"
    return None


def _holds(facts: Facts, key: str, claim: dict[str, Any]) -> bool:
    value: Any = claim[key]
    if key in facts.schema_names:
        return bool(facts.schema_names[key] == value)
    if not hasattr(facts, key):
        raise CheckError(f"`operation` knows no {key!r}")
    actual: Any = getattr(facts, key)
    if not is_array(value):
        return bool(actual == value)
    named = [str(name) for name in value]
    found = list(map(str, actual))
    return named == found if key in _EXACT else set(named) <= set(found)


def _generator(platform: Platform, index: int, text: str) -> str | None:
    def findings(without: int | None) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            return compile_platform(platform, Path(folder) / platform.name, without=without)

    if any(text in finding for finding in findings(None)):
        return f"{text!r} is reported with the entry as well"
    if not any(text in finding for finding in findings(index)):
        return _needless(f"{text!r} is not reported")
    return None
