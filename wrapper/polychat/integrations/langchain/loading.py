"""Loading what LangChain has written down."""

from __future__ import annotations

import importlib

from langchain_core.load.serializable import Serializable


def allow_loading() -> None:
    """Lets ``langchain_core.load.load(..., allowed_objects="all")`` make polychat's models.

    LangChain's table of what "all" may load holds only the packages that LangChain knows, so this
    adds ours to it, for the whole program. Without it, name the classes yourself:
    ``load(data, allowed_objects=[ChatAimlapi], valid_namespaces=["polychat"])``.
    """
    from .chat_models import ChatAimlapi
    from .llms import AimlapiLLM
    from .media import AimlapiImageModel, AimlapiVideoModel

    module = importlib.import_module("langchain_core.load.load")
    # The table is read once, into this cache, which may have happened already.
    getattr(module, "_default_class_paths_cache", {}).clear()
    table = module.ALL_SERIALIZABLE_MAPPINGS
    models: list[type[Serializable]] = [
        ChatAimlapi, AimlapiLLM, AimlapiImageModel, AimlapiVideoModel,
    ]  # fmt: skip
    for model in models:
        path = tuple(model.lc_id())
        table[path] = path
