"""The script that aidial-client 0.18 and polychat.dial both run: one call a case.

A case gets a client (an asynchronous one is driven like a synchronous one) and the package that it
is of, and gives what it saw. `setup` has run before, by another hand: what both find is the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import Any

Case = Callable[[Any, ModuleType], Any]
CASES: dict[str, Case] = {}
HI = [{"role": "user", "content": "hello there you"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
SCHEMA = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}


def case(name: str) -> Callable[[Case], Case]:
    def add(function: Case) -> Case:
        assert name not in CASES, name
        CASES[name] = function
        return function

    return add


def chat(c: Any, **params: Any) -> Any:
    given = {"deployment_name": "echo", "messages": HI, "api_version": "2024-02-01", **params}
    return c.chat.completions.create(**given)


def file(c: Any, name: str = "stored.txt") -> PurePosixPath:
    return c.my_files_home() / name


def prompt_url(c: Any, name: str = "stored") -> PurePosixPath:
    return c.my_prompts_home() / name


def make_prompt(m: ModuleType, **more: Any) -> Any:
    from importlib import import_module

    cls = import_module(f"{m.__name__}.types.prompt").Prompt
    return cls(**{"id": "i", "name": "n", "folder_id": "f", "content": "c", **more})


# --- the client itself ---

for _name in ("base_url", "api_url", "api_url_v2", "api_version"):
    case(f"client.{_name}")(lambda c, m, name=_name: getattr(c, name))
for _name in (
    "my_bucket", "my_files_home", "my_conversations_home", "my_prompts_home", "my_appdata",
    "my_appdata_home", "auth_headers",
):  # fmt: skip
    case(f"client.{_name}")(lambda c, m, name=_name: getattr(c, name)())
for _label, _url in {
    "own": "{base}v1/files/b/x", "itself": "{base}", "foreign": "http://elsewhere/v1/files",
    "other port": "http://127.0.0.1:9/dial/", "no slash": "{bare}", "longer prefix": "{bare}x/v1",
}.items():  # fmt: skip
    case(f"is_dial_url: {_label}")(
        lambda c, m, url=_url: c.is_dial_url(
            url.format(base=c.base_url, bare=c.base_url.rstrip("/"))
        )
    )

# --- the caller ---

case("bucket.get_raw")(lambda c, m: c.bucket.get_raw())
case("bucket.get_bucket")(lambda c, m: c.bucket.get_bucket())
case("bucket.get_appdata")(lambda c, m: c.bucket.get_appdata())
case("user.info")(lambda c, m: c.user.info())

# --- listings ---

case("deployments.list")(lambda c, m: c.deployments.list())
case("deployments.list_names")(lambda c, m: c.deployments.list_names())
for _kinds in (["model"], ["application"], ["toolset"], ["model", "application"]):
    case(f"deployments.list_names {_kinds}")(
        lambda c, m, kinds=_kinds: c.deployments.list_names(types=kinds)
    )
case("deployments.get")(lambda c, m: c.deployments.get("echo"))
case("deployments.get: missing")(lambda c, m: c.deployments.get("missing-1"))
case("deployments.get: escape")(lambda c, m: c.deployments.get("../../v1/bucket"))
case("deployments.get: question mark")(lambda c, m: c.deployments.get("echo?x=1"))
case("deployments.get_configuration_schema")(
    lambda c, m: c.deployments.get_configuration_schema("echo")
)
case("deployments.get_configuration_schema: missing")(
    lambda c, m: c.deployments.get_configuration_schema("missing-1")
)
case("application.list")(lambda c, m: c.application.list())
case("application.get")(lambda c, m: c.application.get("stages"))
case("application.get: stored")(
    lambda c, m: c.application.get(f"applications/{c.my_bucket()}/my-app")
)
case("application.get: missing")(lambda c, m: c.application.get("missing-1"))
case("application.get: another host")(lambda c, m: c.application.get("http://127.0.0.1:9/x"))
case("model.get")(lambda c, m: c.model.get("echo"))
case("model.get: of embeddings")(lambda c, m: c.model.get("embed"))
case("model.get: missing")(lambda c, m: c.model.get("missing-1"))
case("toolset.get")(lambda c, m: c.toolset.get(f"toolsets/{c.my_bucket()}/my-tools"))
case("toolset.get: missing")(lambda c, m: c.toolset.get("missing-1"))

# --- chat ---

case("chat")(lambda c, m: chat(c))
case("chat: several messages")(
    lambda c, m: chat(
        c,
        messages=[
            {"role": "system", "content": "be short"},
            {"role": "user", "content": "one"},
            {"role": "assistant", "content": "two"},
            {"role": "user", "content": [{"type": "text", "text": "three four"}]},
        ],
    )
)
for _field, _value in {
    "temperature": 0.2, "top_p": 0.9, "n": 2, "stop": "there", "max_tokens": 2,
    "max_completion_tokens": 1, "max_prompt_tokens": 50, "presence_penalty": 0.1,
    "frequency_penalty": -0.1, "logit_bias": {"1": 2}, "seed": 7, "user": "me",
    "reasoning_effort": "low", "prompt_cache_key": "k", "parallel_tool_calls": False,
    "prompt_cache_options": {"mode": "implicit", "ttl": "30m"}, "logprobs": True,
    "top_logprobs": 2, "tools": [TOOL], "response_format": {"type": "json_object"},
    "custom_fields": {"configuration": {"prefix": "Well: "}},
    "extra_body": {"some_field": 1}, "extra_headers": {"x-cache-policy": "cache-priority"},
    "extra_params": {"some": "thing"}, "model": "another",
    "functions": [{"name": "f", "parameters": {"type": "object", "properties": {}}}],
}.items():  # fmt: skip
    case(f"chat: {_field}")(lambda c, m, field=_field, value=_value: chat(c, **{field: value}))
case("chat: stop list")(lambda c, m: chat(c, stop=["x", "you"]))
case("chat: tool_choice auto")(lambda c, m: chat(c, tools=[TOOL], tool_choice="auto"))
case("chat: tool_choice none")(lambda c, m: chat(c, tools=[TOOL], tool_choice="none"))
case("chat: tool_choice named")(
    lambda c, m: chat(
        c, tools=[TOOL], tool_choice={"type": "function", "function": {"name": "weather"}}
    )
)
case("chat: json_schema")(
    lambda c, m: chat(
        c,
        response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
    )
)
case("chat: max_prompt_tokens infinity")(lambda c, m: chat(c, max_prompt_tokens="infinity"))
case("chat: stages")(lambda c, m: chat(c, deployment_name="stages"))
case("chat: attachments")(
    lambda c, m: chat(
        c,
        messages=[
            {
                "role": "user",
                "content": "see",
                "custom_content": {"attachments": [{"type": "text/plain", "data": "x"}]},
            }
        ],
    )
)
case("chat: tool message")(
    lambda c, m: chat(
        c,
        messages=[
            *HI,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "id": "1",
                        "type": "function",
                        "function": {"name": "weather", "arguments": "{}"},
                    }
                ],
            },
            {"role": "tool", "tool_call_id": "1", "content": "it rains"},
        ],
    )
)
case("chat: stored application")(
    lambda c, m: chat(c, deployment_name=f"applications/{c.my_bucket()}/my-app")
)
case("chat: escape")(lambda c, m: chat(c, deployment_name="../../v1/bucket"))
case("chat: missing")(lambda c, m: chat(c, deployment_name="missing-1"))
case("chat: no messages")(lambda c, m: chat(c, messages=[]))
case("chat: no api version")(
    lambda c, m: c.chat.completions.create(deployment_name="echo", messages=HI)
)


def chunks(c: Any, **params: Any) -> Any:
    return list(chat(c, stream=True, **params))


case("stream")(lambda c, m: chunks(c))
case("stream: usage")(lambda c, m: chunks(c, stream_options={"include_usage": True}))
case("stream: stages")(lambda c, m: chunks(c, deployment_name="stages"))
case("stream: tools")(lambda c, m: chunks(c, tools=[TOOL]))
case("stream: n")(lambda c, m: chunks(c, n=2))
case("stream: missing")(lambda c, m: chunks(c, deployment_name="missing-1"))
for _framing in ("crlf", "cr", "nospace", "comments", "multiline", "event-lines", "bom"):
    case(f"stream: framing {_framing}")(
        lambda c, m, framing=_framing: chunks(c, deployment_name=f"fault:framing={framing}")
    )
case("stream: bytes one by one")(lambda c, m: chunks(c, deployment_name="fault:dribble"))
case("stream: error event")(lambda c, m: chunks(c, deployment_name="fault:error-event=2"))
case("stream: cut")(lambda c, m: chunks(c, deployment_name="fault:cut=2"))
case("stream: ends early")(lambda c, m: chunks(c, deployment_name="fault:truncate=2"))
for _status in (400, 401, 403, 409, 422, 429, 500, 503):
    case(f"chat: status {_status}")(
        lambda c, m, status=_status: chat(c, deployment_name=f"fault:status={status}")
    )
case("chat: html")(lambda c, m: chat(c, deployment_name="fault:html"))
case("chat: malformed")(lambda c, m: chat(c, deployment_name="fault:malformed"))
case("chat: 502 as html")(lambda c, m: chat(c, deployment_name="fault:status=502,html"))
case("chat: 500 as text")(lambda c, m: chat(c, deployment_name="fault:status=500,text"))
case("chat: 404 with nothing")(lambda c, m: chat(c, deployment_name="fault:status=404,empty"))
case("chat: dropped")(lambda c, m: chat(c, deployment_name="fault:drop"))

# --- files ---

for _label, _content in {
    "bytes": lambda: b"content", "str": lambda: "content", "bytearray": lambda: bytearray(b"co"),
    "open file": lambda: Path(__file__).open("rb"),
    "named": lambda: ("a.css", b"content"), "typed": lambda: ("a.bin", b"content", "text/css"),
    "named None": lambda: (None, b"content"), "empty": lambda: b"",
    "BytesIO": lambda: io.BytesIO(b"content"), "memoryview": lambda: memoryview(b"content"),
    "path": lambda: Path(__file__), "tuple with BytesIO": lambda: ("a", io.BytesIO(b"content")),
    "generator": lambda: (piece for piece in (b"con", b"tent")),
    "tuple of the README": lambda: ("a.css", "text/css", b"content"), "number": lambda: 5,
}.items():  # fmt: skip

    def _uploaded(c: Any, m: ModuleType, content: Any = _content) -> Any:
        source = content()
        try:
            item = c.files.upload(file(c, "new.txt"), source)
        finally:
            if hasattr(source, "close"):
                source.close()
        return item, c.files.download(file(c, "new.txt")).get_content()

    case(f"files.upload: {_label}")(_uploaded)

case("files.upload: new only")(
    lambda c, m: c.files.upload(file(c, "n"), b"1", etag_if_none_match="*")
)
case("files.upload: new only, but there")(
    lambda c, m: c.files.upload(file(c), b"1", etag_if_none_match="*")
)
case("files.upload: etag")(
    lambda c, m: c.files.upload(file(c), b"1", etag_if_match=c.files.get_metadata(file(c)).etag)
)
case("files.upload: another's etag")(
    lambda c, m: c.files.upload(file(c), b"1", etag_if_match="abc")
)
case("files.upload: another's bucket")(lambda c, m: c.files.upload("files/abc/x", b"1"))
for _label, _url in {
    "with a space": "{home}/a b.txt", "encoded": "{home}/a%20b.txt", "absolute": "{api}{home}/abs",
    "odd characters": "{home}/ü@+&=;,'()!$.txt", "question mark": "{home}/what?.txt",
    "hash": "{home}/c#.txt", "folder": "{home}/folder/", "deep": "{home}/a/b/c/d",
    "root-relative": "/v1/{home}/x", "with the prefix": "v1/{home}/x", "no path": "{home}",
    "no bucket": "files/x", "wrong type": "prompts/b/x", "unknown type": "things/b/x",
    "another host": "http://127.0.0.1:9/v1/{home}/x", "dots": "{home}/a/../../other/x",
    "encoded dots": "{home}/%2e%2e/x", "encoded slash": "{home}/a%2Fb", "empty": "",
    "empty segment": "{home}/a//b", "dots after a question mark": "{home}/a?/../../other/x",
    "dots after a hash": "{home}/a#/../../other/x", "other scheme": "{https}{home}/x",
    "literal percent": "{home}/100%.txt", "NUL": "{home}/a\0b", "newline": "{home}/a\nb",
}.items():  # fmt: skip

    def _at(c: Any, m: ModuleType, url: str = _url) -> Any:
        https = c.api_url.replace("http://", "https://")
        text = url.format(home=c.my_files_home(), api=c.api_url, https=https)
        return c.files.upload(text, b"1").url

    def _parsed(c: Any, m: ModuleType, url: str = _url) -> Any:
        https = c.api_url.replace("http://", "https://")
        text = url.format(home=c.my_files_home(), api=c.api_url, https=https)
        found = c.files.get_storage_resource(text)
        names = ("resource_type", "bucket", "absolute_url", "api_path", "bucket_path", "filename")
        return {name: getattr(found, name) for name in names}

    case(f"files.upload: url {_label}")(_at)
    case(f"files.get_storage_resource: {_label}")(_parsed)

case("files.upload: path with a literal escape")(
    lambda c, m: c.files.upload(c.my_files_home() / "a%41.txt", b"1").name
)
case("files.get_api_prefix")(lambda c, m: c.files.get_api_prefix())
case("files.get_api_path")(lambda c, m: c.files.get_api_path(file(c, "a b")))
case("files.get_display_name")(lambda c, m: c.files.get_display_name(file(c, "a b/c")))
case("files.get_storage_resource: bucket")(
    lambda c, m: (
        c.files.get_storage_resource(c.my_files_home(), allow_empty_bucket_path=True).bucket_path
    )
)


def _downloaded(c: Any, m: ModuleType) -> Any:
    response = c.files.download(file(c))
    return {
        "content": response.get_content(),
        "again": response.get_content(),
        "name": response.filename,
        "type": response.content_type,
        "etag": response.headers["etag"],
    }


case("files.download")(_downloaded)
case("files.download: iterated")(lambda c, m: b"".join(c.files.download(file(c))))
case("files.download: iterated twice")(
    lambda c, m: [b"".join(r) + b"".join(r) for r in [c.files.download(file(c))]]
)
case("files.download: a large one")(
    lambda c, m: len(c.files.download(file(c, "large.bin")).get_content())
)


@case("files.download: written")
def _written(c: Any, m: ModuleType) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        c.files.download(file(c)).write_to(Path(folder) / "x")
        return (Path(folder) / "x").read_bytes()


case("files.download: encoded name")(
    lambda c, m: c.files.download(f"{c.my_files_home()}/sub/c%20d.txt").filename
)
case("files.download: etag")(
    lambda c, m: c.files.download(
        file(c), etag_if_match=c.files.get_metadata(file(c)).etag
    ).get_content()
)
case("files.download: another's etag")(lambda c, m: c.files.download(file(c), etag_if_match="abc"))
case("files.download: missing")(lambda c, m: c.files.download(file(c, "none")))
case("files.download: folder")(lambda c, m: c.files.download(f"{c.my_files_home()}/sub/"))
case("files.download: of another")(lambda c, m: c.files.download("files/abc/x"))


def _streamed(c: Any, m: ModuleType, url: Any = None, **more: Any) -> Any:
    with c.files.stream_download(url or file(c), **more) as response:
        return b"".join(response), response.filename


case("files.stream_download")(_streamed)
case("files.stream_download: missing")(lambda c, m: _streamed(c, m, file(c, "none")))
case("files.stream_download: another's etag")(lambda c, m: _streamed(c, m, etag_if_match="abc"))
case("files.delete")(lambda c, m: c.files.delete(file(c)))
case("files.delete: etag")(
    lambda c, m: c.files.delete(file(c), etag_if_match=c.files.get_metadata(file(c)).etag)
)
case("files.delete: another's etag")(lambda c, m: c.files.delete(file(c), etag_if_match="abc"))
case("files.delete: missing")(lambda c, m: c.files.delete(file(c, "none")))
case("files.delete: dots after a question mark")(
    lambda c, m: c.files.delete(f"{c.my_files_home()}/a?/../stored.txt")
)
for _verb in ("move_to", "copy_to"):
    case(f"files.{_verb}")(
        lambda c, m, verb=_verb: getattr(c.files, verb)(file(c), file(c, "there"))
    )
    case(f"files.{_verb}: occupied")(
        lambda c, m, verb=_verb: getattr(c.files, verb)(file(c), file(c, "sub/c d.txt"))
    )
    case(f"files.{_verb}: overwrite")(
        lambda c, m, verb=_verb: getattr(c.files, verb)(file(c), file(c, "sub/c d.txt"), True)
    )
    case(f"files.{_verb}: missing")(
        lambda c, m, verb=_verb: getattr(c.files, verb)(file(c, "none"), file(c, "there"))
    )
    case(f"files.{_verb}: to itself")(
        lambda c, m, verb=_verb: getattr(c.files, verb)(file(c), file(c))
    )
case("files.get_metadata")(lambda c, m: c.files.get_metadata(file(c)))
case("files.get_metadata: missing")(lambda c, m: c.files.get_metadata(file(c, "none")))
case("files.get_metadata: folder")(lambda c, m: c.files.get_metadata(f"{c.my_files_home()}/sub/"))
case("files.get_metadata: root")(lambda c, m: c.files.get_metadata(c.my_files_home()))
case("files.get_metadata: limit")(
    lambda c, m: c.files.get_metadata(f"{c.my_files_home()}/sub/", limit=1)
)

# --- metadata, prompts ---

case("metadata.get: root")(lambda c, m: c.metadata.get("files", f"{c.my_files_home()}/"))
case("metadata.get: folder")(lambda c, m: c.metadata.get("files", f"{c.my_files_home()}/sub/"))
case("metadata.get: file")(lambda c, m: c.metadata.get("files", str(file(c))))
case("metadata.get: page")(
    lambda c, m: c.metadata.get(
        "files",
        f"{c.my_files_home()}/",
        limit=1,
        token=c.metadata.get("files", f"{c.my_files_home()}/", limit=1).next_token,
    )
)
case("metadata.get: limit refused")(
    lambda c, m: c.metadata.get("files", f"{c.my_files_home()}/", limit=5000)
)
case("metadata.get: missing")(lambda c, m: c.metadata.get("files", str(file(c, "none"))))
case("metadata.get: prompts")(lambda c, m: c.metadata.get("prompts", f"{c.my_prompts_home()}/"))
case("metadata.get: conversations")(
    lambda c, m: c.metadata.get("conversations", f"{c.my_conversations_home()}/")
)
case("metadata.get: one conversation")(
    lambda c, m: c.metadata.get("conversations", f"{c.my_conversations_home()}/talk")
)
case("prompts.get")(lambda c, m: c.prompts.get(prompt_url(c)))
case("prompts.get: missing")(lambda c, m: c.prompts.get(prompt_url(c, "none")))
case("prompts.get: a file's url")(lambda c, m: c.prompts.get(file(c)))
case("prompts.save")(lambda c, m: c.prompts.save(prompt_url(c, "p"), make_prompt(m)))
case("prompts.save: without content")(
    lambda c, m: (
        c.prompts.save(prompt_url(c, "p"), make_prompt(m, content=None)).name,
        c.prompts.get(prompt_url(c, "p")),
    )
)
case("prompts.save: new only, but there")(
    lambda c, m: c.prompts.save(prompt_url(c), make_prompt(m), etag_if_none_match="*")
)
case("prompts.save: another's etag")(
    lambda c, m: c.prompts.save(prompt_url(c), make_prompt(m), etag_if_match="abc")
)
case("prompts.delete")(lambda c, m: c.prompts.delete(prompt_url(c)))
case("prompts.delete: another's etag")(
    lambda c, m: c.prompts.delete(prompt_url(c), etag_if_match="abc")
)
case("prompts.delete: missing")(lambda c, m: c.prompts.delete(prompt_url(c, "none")))
case("prompts.get_metadata")(lambda c, m: c.prompts.get_metadata(prompt_url(c)))
case("prompts.get_display_name")(lambda c, m: c.prompts.get_display_name(prompt_url(c)))

# --- skills, permissions, channel ---

case("skills.list: root")(lambda c, m: c.skills.list())
case("skills.list: folder")(lambda c, m: (c.skills / "writing").list())
case("skills.list: recursive")(lambda c, m: c.skills.list(recursive=True))
case("skills.list: missing")(lambda c, m: (c.skills / "none").list())
case("skills.list: another's")(lambda c, m: c.skills(bucket="abc").list())


def _zip_names(c: Any, m: ModuleType) -> Any:
    import zipfile

    response = (c.skills / "writing" / "tone").download()
    return response.filename, zipfile.ZipFile(io.BytesIO(response.get_content())).namelist()


case("skills.download")(_zip_names)
case("skills.download: bucket")(lambda c, m: c.skills.download())
case("skills.download: missing")(lambda c, m: c.skills(path="none").download())
case("skills.files.list")(lambda c, m: c.skills(path="writing/tone").files.list())
case("skills.files.list: folder")(
    lambda c, m: (c.skills(path="writing/tone").files / "examples").list(limit=5)
)
case("skills.files.list: no skill")(lambda c, m: c.skills.files.list())
case("skills.files.read")(
    lambda c, m: c.skills(path="writing/tone").files(path="SKILL.md").read().get_content()
)
case("skills.files.read: by url")(
    lambda c, m: (
        c.skills.files(url=f"skills/{c.my_bucket()}/writing/tone/files/examples/letter.txt")
        .read()
        .filename
    )
)
case("skills.files.read: nothing named")(lambda c, m: c.skills(path="writing/tone").files.read())
case("skills.files: url of a skill")(lambda c, m: c.skills.files(url="skills/b/writing"))
case("skills: dots")(lambda c, m: c.skills / "..")
case("skills: repr")(lambda c, m: repr(c.skills / "a").removeprefix("Async"))
case("skills: url and path")(lambda c, m: c.skills(url="skills/b/x", path="y"))
case("resource_permissions.grant")(lambda c, m: c.resource_permissions.grant([str(file(c))], "app"))
case("resource_permissions.grant: write")(
    lambda c, m: c.resource_permissions.grant([str(file(c))], "app", ["READ", "WRITE"])
)
case("client_channel.signin_toolsets")(
    lambda c, m: {
        k: v.value
        for k, v in c.client_channel.signin_toolsets(
            channel_id="ch", toolset_ids=["a", "denied-b", "broken-c"]
        ).items()
    }
)
case("client_channel.signin_toolsets: none")(
    lambda c, m: c.client_channel.signin_toolsets(channel_id="ch", toolset_ids=[])
)
case("client_channel.signin_toolsets: text")(
    lambda c, m: c.client_channel.signin_toolsets(channel_id="ch", toolset_ids="abc")
)
case("client_channel.signin_toolsets: twice")(
    lambda c, m: c.client_channel.signin_toolsets(channel_id="ch", toolset_ids=["a", "a"])
)
case("client_channel.signin_toolsets: missing channel")(
    lambda c, m: c.client_channel.signin_toolsets(channel_id="missing", toolset_ids=["a"])
)
case("client_channel.signin_toolsets: no answer")(
    lambda c, m: c.client_channel.signin_toolsets(channel_id="silent", toolset_ids=["a"])
)

# --- what shows only in the kind of an error, after a retry, or beside the answer ---


def _kind_of(act: Callable[[], Any], m: ModuleType) -> str:
    try:
        act()
    except m.DialException as error:
        return type(error).__name__
    return "nothing was raised"


case("retry: 429 once, then not found")(
    lambda c, m: c.deployments.get("fault:status=429,retry-after=0,times=1")
)
case("retry: kind of error after it")(
    lambda c, m: _kind_of(
        lambda: c.files.delete(file(c, "fault:status=409,retry-after=0,times=1")), m
    )
)
for _label, _act in {
    "metadata": lambda c: c.metadata.get("files", str(file(c, "none"))),
    "deployments": lambda c: c.deployments.get("missing-1"),
    "application": lambda c: c.application.get("missing-1"),
    "model": lambda c: c.model.get("missing-1"),
    "toolset": lambda c: c.toolset.get("missing-1"),
    "chat": lambda c: chat(c, deployment_name="missing-1"),
    "files": lambda c: c.files.download(file(c, "none")),
    "prompts": lambda c: c.prompts.get(prompt_url(c, "none")),
}.items():
    case(f"kind of error: {_label}")(lambda c, m, act=_act: _kind_of(lambda: act(c), m))


@case("message of a chat's error")
def _message(c: Any, m: ModuleType) -> Any:
    try:
        chat(c, deployment_name="missing-1")
    except m.DialException as error:
        return error.message
    return "nothing was raised"


@case("pickle of an error")
def _pickled(c: Any, m: ModuleType) -> Any:
    import pickle

    try:
        c.deployments.get("missing-1")
    except m.DialException as error:
        return pickle.loads(pickle.dumps(error)).status_code
    return "nothing was raised"


@case("stream: left early by `with`")
def _left(c: Any, m: ModuleType) -> Any:
    with chat(c, stream=True) as stream:
        return next(stream).choices[0].delta.role


@case("import: what else is loaded")
def _loaded(c: Any, m: ModuleType) -> Any:
    import subprocess
    import sys

    program = f"import sys, {m.__name__}; print('openai' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()
