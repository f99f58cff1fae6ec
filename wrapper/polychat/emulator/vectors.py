"""Embeddings: each word of a text adds one to one place of the vector.

The place is the word's CRC-32 modulo the dimensions, and the vector is scaled to length 1. So the
same text has the same vector everywhere, and texts that share words are near one another.
"""

from __future__ import annotations

import base64
import math
import struct
import zlib
from typing import Any

from polychat.emulator.rules import count_tokens, is_list

DIMENSIONS = 8
"""The length of a vector unless the request says another."""


def embed(text: str, dimensions: int | None = None) -> list[float]:
    """The vector of a text. A text without words has its length in the first place."""
    size = int(dimensions or DIMENSIONS)
    counts = [0.0] * size
    for word in text.lower().split():
        counts[zlib.crc32(word.encode()) % size] += 1.0
    if not any(counts):
        counts[0] = 1.0
    length = math.sqrt(sum(count * count for count in counts))
    return [count / length for count in counts]


def as_base64(vector: list[float]) -> str:
    """A vector as base64 of little-endian 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def texts(given: Any) -> list[str]:
    """The texts of an OpenAI-style input: a string, strings, token ids, or lists of these."""
    items = given if is_list(given) else [given]
    if items and all(isinstance(item, int) for item in items):
        items = [items]
    return [item if isinstance(item, str) else " ".join(map(str, item)) for item in items]


def embedding_list(request: dict[str, Any], model: str) -> dict[str, Any]:
    """The OpenAI-style answer to an embeddings request."""
    given = texts(request["input"])
    in_base64 = request.get("encoding_format") == "base64"
    vectors = [embed(text, request.get("dimensions")) for text in given]
    used = sum(count_tokens(text) for text in given)
    return {
        "object": "list",
        "model": model,
        "data": [
            {
                "object": "embedding",
                "index": index,
                "embedding": as_base64(vector) if in_base64 else vector,
            }
            for index, vector in enumerate(vectors)
        ],
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }
