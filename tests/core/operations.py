"""What is generated for each operation, and what its spec says."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from importlib import resources
from typing import Any


def operations(platform: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The endpoint modules of a platform, each with its operation in the spec."""
    package = importlib.import_module(f"polychat_rest.{platform}")
    document = json.loads((resources.files(package) / "openapi.json").read_bytes())
    specified = {
        operation["operationId"]: {**operation, "components": document["components"]}
        for path in document["paths"].values()
        for operation in path.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    api = importlib.import_module(f"{package.__name__}.api")
    for found in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not found.ispkg:
            module = importlib.import_module(found.name)
            yield module, specified[module.OPERATION.id]
