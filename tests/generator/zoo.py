"""A spec with each thing that openapi-python-client alone loses, drops or gets wrong."""

from __future__ import annotations

from typing import Any


def ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def json_answer(name: str) -> dict[str, Any]:
    return {"description": "", "content": {"application/json": {"schema": ref(name)}}}


STRING: dict[str, Any] = {"type": "string"}
PATH: list[dict[str, Any]] = [
    {"name": "bucket", "in": "path", "required": True, "schema": STRING},
    {"name": "path", "in": "path", "required": True, "schema": STRING, "x-segments": True},
]

SCHEMAS: dict[str, Any] = {
    "Plain": {
        "type": "object",
        "title": "Clash",
        "properties": {"id": STRING, "note": STRING},
        "required": ["id"],
    },
    # One $ref in an allOf or oneOf, with properties of its own beside it.
    "Extended": {
        "allOf": [ref("Plain")],
        "properties": {"extra": {"type": "integer"}},
        "required": ["extra"],
    },
    "Wrapped": {"oneOf": [ref("Plain")], "description": "A plain one."},
    # A base with a discriminator, and children that extend it.
    "Pet": {
        "type": "object",
        "properties": {"kind": STRING, "name": STRING},
        "required": ["kind"],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat", "dog": "Dog"}},
    },
    "Cat": {"allOf": [ref("Pet"), {"properties": {"lives": {"type": "integer"}}}]},
    "Dog": {
        "allOf": [ref("Pet")],
        "properties": {"tricks": {"type": "array", "items": STRING}},
    },
    # A union with a discriminator whose variants have no constants, only optional fields.
    "Round": {"type": "object", "properties": {"shape": STRING, "radius": {"type": "number"}}},
    "Square": {"type": "object", "properties": {"shape": STRING, "side": {"type": "number"}}},
    "Shape": {
        "oneOf": [ref("Round"), ref("Square")],
        "discriminator": {
            "propertyName": "shape",
            "mapping": {
                "circle": "#/components/schemas/Round",
                "disc": "#/components/schemas/Round",
                "square": "#/components/schemas/Square",
            },
        },
    },
    # No discriminator: the required keys tell.
    "Open": {"type": "object", "properties": {"anything": {}}},
    "Named": {"type": "object", "properties": {"name": STRING}, "required": ["name"]},
    "Finish": {"type": "string", "enum": ["stop", "length"]},
    "Sound": {"type": "string", "enum": ["mp3", "MP3", None], "nullable": True},
    "Rate": {"type": "number", "enum": [0.5, 1.5]},
    "Mixed": {"enum": ["auto", 1, True]},
    "Animal": {
        "type": "object",
        "properties": {
            "id": STRING,
            "finish": {"allOf": [ref("Finish")], "nullable": True},
            "finishes": {"type": "array", "items": ref("Finish")},
            "level": {"type": "string", "enum": ["low", "high", None]},
            "sound": ref("Sound"),
            "rate": ref("Rate"),
            "mixed": ref("Mixed"),
            "pet": ref("Pet"),
            "shape": ref("Shape"),
            "shapes": {"type": "array", "items": ref("Shape")},
            "either": {"anyOf": [STRING, {"type": "array", "items": ref("Plain")}]},
            "open_or_named": {"anyOf": [ref("Open"), ref("Named")]},
            "plain": {"oneOf": [ref("Plain")], "nullable": True, "description": "May be null."},
            "count": {"type": "integer", "default": 5},
            "born": {"type": "string", "format": "date-time"},
            "meta": {"type": "object", "properties": {"deep": ref("Plain")}, "nullable": True},
            "loose": {"type": "object"},
            "by_name": {"type": "object", "additionalProperties": ref("Plain")},
            "parent": ref("Animal"),
            "list": {"type": "array"},
            "to_dict": STRING,
        },
        "required": ["id", "finish"],
    },
    "Settings": {
        "type": "object",
        "properties": {
            "question": STRING,
            "stream": {"type": "boolean", "default": False},
            "temperature": {"type": "number", "default": 0.7},
            "stop": {"type": "string", "default": "null"},
            "limit": {"type": "integer", "default": float("inf")},
            "role": {"type": "string", "enum": ["user"]},
            "x-odd key": STRING,
            "since": {"type": "string", "format": "date-time"},
        },
        "required": ["question", "role"],
    },
    "Upload": {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "note": STRING,
            "meta": ref("Plain"),
        },
        "required": ["file"],
    },
    "Problem": {"type": "object", "properties": {"message": STRING}},
    # Required and nullable in each way that a spec can say it, beside what is not nullable.
    "Holes": {
        "type": "object",
        "properties": {
            "first": STRING,
            "text": {**STRING, "nullable": True},
            "moment": {"type": "string", "format": "date-time", "nullable": True},
            "sound": ref("Sound"),
            "plain": {"allOf": [ref("Plain")], "nullable": True},
            "items": {"type": "array", "items": ref("Plain"), "nullable": True},
            "pet": {"anyOf": [ref("Cat"), ref("Dog")], "nullable": True},
            "anything": {},
            "maybe": {**STRING, "nullable": True},
            "last": STRING,
        },
        "required": ["first", "text", "moment", "sound", "plain", "items", "pet", "anything"],
    },
    # Named fields, and a model under every other name.
    "Keyed": {
        "type": "object",
        "properties": {"id": STRING, "plain": ref("Plain")},
        "additionalProperties": ref("Plain"),
    },
}

PATHS: dict[str, Any] = {
    "/chat": {
        "post": {
            "operationId": "createChat",
            "tags": ["chat"],
            "x-resend": True,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": ref("Settings")}},
            },
            "responses": {
                "200": {
                    "description": "",
                    "content": {
                        "text/event-stream": {"schema": ref("Shape"), "x-done": "[DONE]"},
                        "application/json": {"schema": ref("Animal")},
                    },
                },
                "4XX": json_answer("Problem"),
            },
        }
    },
    "/events": {
        "get": {
            "operationId": "watch",
            "tags": ["chat"],
            "responses": {
                "200": {
                    "description": "",
                    "content": {"text/event-stream": {"schema": ref("Plain")}},
                }
            },
        }
    },
    "/files/{bucket}/{path}": {
        "parameters": PATH,
        "get": {
            "operationId": "getFile",
            "tags": ["files"],
            "responses": {
                "200": {
                    "description": "",
                    "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
                },
                "404": json_answer("Problem"),
            },
        },
        "put": {
            "operationId": "putFile",
            "tags": ["files"],
            "requestBody": {
                "required": True,
                "content": {"multipart/form-data": {"schema": ref("Upload")}},
            },
            "responses": {"200": json_answer("Plain"), "default": json_answer("Problem")},
        },
        "delete": {
            "operationId": "deleteFile",
            "tags": ["files"],
            "responses": {"204": {"description": ""}},
        },
    },
    "/speech": {
        "post": {
            "operationId": "speak",
            "tags": ["sound"],
            "requestBody": {"required": True, "content": {"text/plain": {"schema": STRING}}},
            "responses": {"200": {"description": "", "content": {"audio/wav": {"schema": STRING}}}},
        }
    },
    "/lines": {
        "get": {
            "operationId": "lines",
            "tags": ["sound"],
            "responses": {
                "200": {"description": "", "content": {"application/x-ndjson": {"schema": {}}}}
            },
        }
    },
    "/both": {
        "get": {
            "operationId": "both",
            "tags": ["sound"],
            "responses": {
                "200": {
                    "description": "",
                    "content": {
                        "audio/wav": {"schema": {"type": "string", "format": "binary"}},
                        "application/json": {"schema": ref("Plain")},
                    },
                }
            },
        }
    },
    "/list/{Deployment Name}": {
        "get": {
            "tags": ["lists"],
            "operationId": "listAnimals",
            "parameters": [
                {"name": "Deployment Name", "in": "path", "required": True, "schema": STRING},
                {
                    "name": "tags",
                    "in": "query",
                    "explode": False,
                    "schema": {"type": "array", "items": STRING},
                },
                {"name": "X-Trace", "in": "header", "schema": STRING},
                {
                    "name": "since",
                    "in": "query",
                    "schema": {"type": "string", "format": "date-time"},
                },
            ],
            "responses": {
                "200": {
                    "description": "",
                    "content": {
                        "application/json": {"schema": {"type": "array", "items": ref("Animal")}}
                    },
                }
            },
        }
    },
}

ZOO: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Zoo", "version": "1"},
    "paths": PATHS,
    "components": {"schemas": SCHEMAS},
}

LISTED = frozenset({"Pet", "Shape", "Sound", "Rate", "Mixed"})
"""The schemas that are aliases on purpose."""
