"""Names that generated modules use themselves, so that no schema or field may have them."""

from __future__ import annotations

# fmt: off
IMPORTED = frozenset({
    "Any", "Answer", "AsyncEventStream", "AsyncSender", "Callable", "EventStream", "File",
    "FileContent", "FormBody", "JsonBody", "Literal", "Mapping", "MultipartBody", "Operation",
    "RawBody", "Request", "Required", "Response", "Self", "Sender", "Sequence", "TypeAlias",
    "TypedDict",
})
"""Names that generated modules import: no schema's class may have one."""

RESERVED = frozenset({
    "additional_keys", "additional_properties", "bool", "bytes", "classmethod", "copy", "datetime",
    "dict", "false", "float", "from_dict", "from_owned", "int", "json", "list", "model_copy",
    "model_dump", "model_dump_json", "model_fields_set", "model_validate", "model_validate_json",
    "parse_obj", "property", "self", "str", "to_dict", "true",
})
"""Field names that get an underscore: what a model's own annotations and methods speak of. The
generator would rename every builtin, and ``type``, ``object`` and ``format`` are what users know
these fields by."""
# fmt: on
