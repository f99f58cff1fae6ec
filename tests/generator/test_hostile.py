"""A spec is input from strangers: whatever it says, it stays text in the generated code."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.generator.conftest import Package, compile_spec
from tests.generator.zoo import ref

CANARY = "PWNED_7c1f"
CODE = f"__import__('builtins').{CANARY}"
ATTACKS = [
    f'"; {CODE}; "',
    f"'; {CODE}; '",
    f'"""\n{CODE}\n"""',
    f"'''\n{CODE}\n'''",
    f"\\\n{CODE}\n",
    f'\\"""\n{CODE}\n#',
    f"{{{{ {CODE} }}}}{{% set x = 1 %}}{{{CODE}}}",
    f"\r{CODE}\u2028{CODE}\x0c{CODE}\x00",
    f"*/ --> {CODE} \\",
    "text\\",
    'text"',
    f"]\n{CODE}\n[",
    "\ud800 \u202e " + CODE,
]


def hostile(text: str) -> dict[str, Any]:
    """A spec with `text` in every place that holds a string."""
    bare = text.replace("{", "").replace("}", "")  # braces in a path are its parameters
    return {
        "openapi": "3.0.3",
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": text, "description": text}],
        "paths": {
            f"/x{bare}/{{p {bare}}}": {
                "post": {
                    "operationId": f"run {text}",
                    "tags": [f"t {text}"],
                    "summary": text,
                    "description": text,
                    "parameters": [
                        {
                            "name": f"p {bare}",
                            "in": "path",
                            "required": True,
                            "description": text,
                            "schema": {"type": "string", "default": text},
                        },
                        {
                            "name": f"q {text}",
                            "in": "query",
                            "explode": False,
                            "description": text,
                            "schema": {"type": "array", "items": {"enum": [text, "b"]}},
                        },
                        {"name": f"h {text}", "in": "header", "schema": {"type": "string"}},
                    ],
                    "requestBody": {
                        "description": text,
                        "content": {"application/json": {"schema": ref("Thing")}},
                    },
                    "responses": {
                        "200": {
                            "description": text,
                            "content": {
                                "application/json": {"schema": ref("Thing")},
                                "text/event-stream": {"schema": ref("Union"), "x-done": text},
                            },
                        },
                        "default": {"description": text},
                    },
                }
            },
            "/raw": {
                "post": {
                    "operationId": "raw",
                    "requestBody": {"content": {f"text/{text}": {"schema": {"type": "string"}}}},
                    "responses": {"200": {"description": ""}},
                }
            },
        },
        "components": {
            "schemas": {
                "Thing": {
                    "type": "object",
                    "title": text,
                    "description": text,
                    "example": text,
                    "properties": {
                        f"f {text}": {"type": "string", "description": text, "default": text},
                        "const": {"type": "string", "enum": [text], "description": text},
                        "choice": {"type": "string", "enum": [text, "other"]},
                        "inner": {"type": "object", "properties": {f"i {text}": {}}},
                        "map": {"type": "object", "additionalProperties": ref("A")},
                        "union": ref("Union"),
                        "when": {"type": "string", "format": "date-time", "default": text},
                        "number": {"type": "integer", "default": text},
                    },
                    "required": ["const", f"f {text}"],
                },
                f"Odd {text}": {"type": "object", "properties": {"a": {"type": "string"}}},
                "Listed": {"type": "string", "enum": [text, "z"], "description": text},
                "A": {"type": "object", "properties": {f"tag {text}": {"type": "string"}}},
                "B": {"type": "object", "properties": {f"tag {text}": {"type": "string"}}},
                "Union": {
                    "oneOf": [ref("A"), ref("B")],
                    "description": text,
                    "discriminator": {
                        "propertyName": f"tag {text}",
                        "mapping": {text: "A", f"b{text}": "B"},
                    },
                },
            }
        },
    }


@pytest.mark.parametrize("text", ATTACKS)
def test_text_of_a_spec_never_becomes_code(text: str, tmp_path: Path) -> None:
    package = compile_spec(tmp_path / "bad_rest", hostile(text), aliases=frozenset({"Union"}))
    (finding,) = package.findings
    assert "schema 'Odd " in finding or 'schema "Odd ' in finding
    files = sorted(package.folder.rglob("*.py"))
    assert len(files) > 25
    for path in files:
        names = {
            getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "name", None)
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        }
        assert CANARY not in names, path
        assert package.folder in path.resolve().parents


def test_the_names_on_the_wire_are_exact(tmp_path: Path) -> None:
    text = "q\"'\\\n\x00{}é\u2028"
    spec = hostile(text)
    del spec["components"]["schemas"][f"Odd {text}"]
    package = compile_spec(tmp_path / "exact_rest", spec, aliases=frozenset({"Union"}))
    assert package.findings == []
    thing = import_from(package, "models").Thing
    document = {f"f {text}": "v", "const": text, "union": {f"tag {text}": text}, "when": text}
    model = thing.from_dict(document)
    assert type(model.union).__name__ == "A"
    assert model.to_dict() == document
    assert model.additional_properties == {}


def test_an_attack_on_the_escapes_of_the_test_itself() -> None:
    """Written plainly into code, each attack that carries code would be found."""
    tree = ast.parse(f'x = "{ATTACKS[0]}"')
    assert any(getattr(node, "attr", None) == CANARY for node in ast.walk(tree))


def import_from(package: Package, name: str) -> Any:
    sys.path.insert(0, str(package.folder.parent))
    try:
        return importlib.import_module(f"{package.folder.name}.{package.platform}.{name}")
    finally:
        sys.path.pop(0)
