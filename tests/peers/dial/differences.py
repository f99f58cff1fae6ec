"""Where polychat.dial does otherwise than aidial-client 0.18, and why: the whole list."""

from __future__ import annotations

from dataclasses import dataclass

BOTH = frozenset({"sync", "async"})


@dataclass(frozen=True)
class Difference:
    """A reason, the number that the defect of aidial-client has in our facts (None: a choice of
    ours), and in which colours the two differ."""

    reason: str
    defect: int | None = None
    colours: frozenset[str] = BOTH


def _all(names: list[str], difference: Difference) -> dict[str, Difference]:
    return dict.fromkeys(names, difference)


_BARE = ("metadata", "deployments", "application", "model", "toolset", "chat")
_SYNC = frozenset({"sync"})
_NO_RETRIES = Difference("max_retries=0 means no retries, in synchronous chats too", 4, _SYNC)
_READER = Difference("an upload takes any reader, path, buffer or iterator of bytes", 5)
_ESCAPE = Difference("an id names a deployment; it cannot lead to another path or host", 14)
_DOTS = Difference("'..' is refused wherever it stands, also after '?' and '#'", 15)
_CONTROL = Difference("control characters in names are refused before anything is sent")
_SCHEME = Difference("http and https of one host are two services, of which one is ours", 19)

DIFFERENT: dict[str, Difference] = {
    **_all(
        [
            "chat: status 409",
            "chat: status 429",
            "chat: status 500",
            "chat: status 503",
            "chat: 502 as html",
            "chat: 500 as text",
            "chat: dropped",
        ],
        _NO_RETRIES,
    ),
    **_all(
        [
            "files.upload: BytesIO",
            "files.upload: memoryview",
            "files.upload: path",
            "files.upload: tuple with BytesIO",
            "files.upload: generator",
        ],
        _READER,
    ),
    "files.upload: number": Difference("a number is no file and is refused, not sent as text"),
    "files.upload: tuple of the README": Difference(
        "(name, type, content), as the README writes it, uploads the content", 6
    ),
    "chat: extra_params": Difference("extra_params are sent, in the query", 7),
    "chat: model": Difference("model is a field of the body; the deployment stays", 7),
    "files.get_metadata: folder": Difference("a folder's url keeps its slash", 8),
    "files.get_metadata: limit": Difference("a folder's url keeps its slash", 8),
    "files.get_metadata: root": Difference("the root of a bucket can be listed", 8),
    "files.get_storage_resource: folder": Difference("a folder's url keeps its slash", 8),
    "files.upload: url folder": Difference(
        "a url that ends in a slash names a folder, and no file is written to it", 8
    ),
    **_all(
        ["prompts.get_metadata", "metadata.get: one conversation"],
        Difference("a field that is missing does not lose the answer", 9),
    ),
    **_all(
        ["chat: html", "chat: malformed"],
        Difference("an answer that cannot be read is a ParsingDataError", 10),
    ),
    "stream: cut": Difference("a transport's exception never escapes raw", 10),
    "stream: ends early": Difference(
        "a stream that stops before its end is an error that carries what had arrived", 10
    ),
    "stream: framing bom": Difference("a byte order mark does not cost the first chunk"),
    "chat: no messages": Difference("what cannot work is refused before it is sent"),
    "chat: escape": _ESCAPE,
    "deployments.get: escape": _ESCAPE,
    "application.get: another host": _ESCAPE,
    "deployments.get: question mark": Difference("an id is percent-encoded", 14),
    **_all(
        [
            "files.upload: url dots after a question mark",
            "files.upload: url dots after a hash",
            "files.get_storage_resource: dots after a question mark",
            "files.get_storage_resource: dots after a hash",
            "files.delete: dots after a question mark",
        ],
        _DOTS,
    ),
    "files.upload: path with a literal escape": Difference(
        "the parts of a PurePosixPath are names as they are, '%41' too", 16
    ),
    **_all(
        [
            "files.upload: url NUL",
            "files.upload: url newline",
            "files.get_storage_resource: NUL",
            "files.get_storage_resource: newline",
        ],
        _CONTROL,
    ),
    "files.upload: url other scheme": _SCHEME,
    "files.get_storage_resource: other scheme": _SCHEME,
    "files.stream_download": Difference("synchronous clients stream too", 17, _SYNC),
    **_all(
        ["files.stream_download: missing", "files.stream_download: another's etag"],
        Difference("a streamed download that is refused raises what a plain one raises", 2),
    ),
    "retry: 429 once, then not found": Difference(
        "asynchronous calls are sent again", 1, frozenset({"async"})
    ),
    "retry: kind of error after it": Difference("errors are typed after a retry too", 3),
    **_all(
        [f"kind of error: {name}" for name in _BARE],
        Difference("what is not found is a ResourceNotFoundError on every resource", 11),
    ),
    "message of a chat's error": Difference("the message is what DIAL said, no more", 11),
    "pickle of an error": Difference("exceptions can be pickled", 12),
    "stream: left early by `with`": Difference("a stream is a context manager", 13),
    "import: what else is loaded": Difference("openai is not needed", 18),
    "prompts.save: without content": Difference("a null in a request is left out"),
}
