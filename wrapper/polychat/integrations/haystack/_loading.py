"""What Haystack must know to load saved pipelines, by its own registries."""

from __future__ import annotations

from typing import Any

from haystack import component

OLD_TYPE = (
    "haystack_integrations.components.generators.aimlapi.chat.chat_generator.AIMLAPIChatGenerator"
)
"""What the package ``aimlapi-haystack`` saves."""


def type_of(cls: type) -> str:
    """How Haystack names a component's class."""
    return f"{cls.__module__}.{cls.__name__}"


def register(chat_generator: Any) -> None:
    """Haystack 3 loads only from packages that were allowed; both versions look a component up by
    the type that was saved. The old package's own class, where it is imported, stays."""
    try:
        from haystack.core.serialization_security import allow_deserialization_module
    except ImportError:  # Haystack 2 allows all
        pass
    else:
        allow_deserialization_module("polychat.*")
        allow_deserialization_module("polychat")
    component.registry.setdefault(OLD_TYPE, chat_generator)


def with_own_type(cls: type, data: dict[str, Any]) -> dict[str, Any]:
    """Saved data as this class's own, with parameters that may be changed."""
    data = {**data, "init_parameters": dict(data.get("init_parameters", {}))}
    return {**data, "type": type_of(cls)} if data.get("type") == OLD_TYPE else data
