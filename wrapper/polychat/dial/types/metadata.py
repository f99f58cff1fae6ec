"""Types of metadata: DIAL has one for all."""

from __future__ import annotations

from polychat_rest.dial.models import Metadata as BaseMetadata
from polychat_rest.dial.models import Metadata as ConversationItem
from polychat_rest.dial.models import Metadata as ConversationMetadata
from polychat_rest.dial.models import Metadata as FileItem
from polychat_rest.dial.models import Metadata as FileMetadata
from polychat_rest.dial.models import Metadata as PromptItem
from polychat_rest.dial.models import Metadata as PromptMetadata
from polychat_rest.dial.models import Metadata as ResourceItemMetadata
from polychat_rest.dial.models import Metadata as SkillFileItem
from polychat_rest.dial.models import Metadata as SkillFileMetadata
from polychat_rest.dial.models import Metadata as SkillItem
from polychat_rest.dial.models import Metadata as SkillMetadata

__all__ = [
    "BaseMetadata",
    "ConversationItem",
    "ConversationMetadata",
    "FileItem",
    "FileMetadata",
    "PromptItem",
    "PromptMetadata",
    "ResourceItemMetadata",
    "SkillFileItem",
    "SkillFileMetadata",
    "SkillItem",
    "SkillMetadata",
]
