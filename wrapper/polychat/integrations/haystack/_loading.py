"""What Haystack must know to load saved pipelines, by its own registries and by import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from haystack import component

OLD_TYPE = (
    "haystack_integrations.components.generators.aimlapi.chat.chat_generator.AIMLAPIChatGenerator"
)
"""What the package ``aimlapi-haystack`` saves."""
_OLD_MODULE = OLD_TYPE.rpartition(".")[0]
_OLD_PACKAGE = _OLD_MODULE.removesuffix(".chat.chat_generator")


class _OldModules(MetaPathFinder, Loader):
    """Finds the modules of `OLD_TYPE` where nothing else does: Haystack imports the class of a
    component that is saved within another one, such as an agent's."""

    def __init__(self, chat_generator: Any) -> None:
        self._chat_generator = chat_generator

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not f"{_OLD_MODULE}.".startswith(f"{fullname}."):
            return None
        above = not fullname.startswith(_OLD_PACKAGE)
        spec = ModuleSpec(fullname, None if above else self, is_package=fullname != _OLD_MODULE)
        if above:  # a namespace, which other packages may join when they are installed later
            leaf = fullname.rpartition(".")[2]
            parts = sys.path if path is None else path
            spec.submodule_search_locations = [str(Path(part) / leaf) for part in parts]
        return spec

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["AIMLAPIChatGenerator"] = self._chat_generator


def type_of(cls: type) -> str:
    """How Haystack names a component's class."""
    return f"{cls.__module__}.{cls.__name__}"


def register(chat_generator: Any) -> None:
    """Haystack 3 loads only from packages that were allowed; both versions look a component up by
    the type that was saved, and import what is within another one. The old package's own class,
    where it is imported, stays, and where it is installed, is what is imported."""
    try:
        from haystack.core.serialization_security import allow_deserialization_module
    except ImportError:  # Haystack 2 allows all
        pass
    else:
        allow_deserialization_module("polychat.*")
        allow_deserialization_module("polychat")
    component.registry.setdefault(OLD_TYPE, chat_generator)
    if not any(isinstance(finder, _OldModules) for finder in sys.meta_path):
        sys.meta_path.append(_OldModules(chat_generator))


def with_own_type(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    """Saved data as this class's own, with parameters that may be changed."""
    data = {**data, "init_parameters": dict(data.get("init_parameters", {}))}
    return {**data, "type": type_of(cls)} if data.get("type") == OLD_TYPE else data
