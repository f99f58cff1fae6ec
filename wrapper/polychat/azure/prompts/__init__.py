"""Prompts from templates: ``PromptTemplate.from_prompty`` and ``from_string``, as
``azure.ai.inference.prompts`` has them.

A template is cut into messages before values are put in, so that a value can neither begin a
message (``system:`` on a line of its own) nor become an image.
"""

from __future__ import annotations

from ._prompty import ModelSettings, Prompty, PropertySettings, TemplateSettings
from ._template import PromptTemplate

__all__ = ["ModelSettings", "PromptTemplate", "Prompty", "PropertySettings", "TemplateSettings"]
