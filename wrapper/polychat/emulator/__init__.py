"""A local server that speaks the wire formats of the four platforms, for a first run and for tests.

```python
with Emulator() as emulator:
    client = Dial(base_url=emulator.url("dial"), api_key="any")
```

or ``python -m polychat.emulator --port 8080 [--folder DIR]``. It needs the extra ``emulator``.
Every platform has a prefix of its own on one port; `Emulator.url` gives the base URLs.

**Requests** are held against the specs from which the clients are generated. A request that a spec
does not allow is answered with status 400 in the platform's own envelope and names what is wrong.
Every key that is not empty is known, except the key ``expired`` (401); in DIAL each key has a
bucket of its own. `Emulator.requests` has what arrived.

**Models.** Every name is a model that follows these rules, except that names which begin with
``missing`` are not found (404), and names which begin with ``fault:`` are faults (below).

- It answers with the text of the last user message.
- If tools are given and none is forbidden, it calls the named tool, else the first one. The
  arguments are made from the message by the tool's schema: see `polychat.emulator.fill`.
- If the conversation ends with tool messages, it answers with their texts.
- ``response_format`` json_schema is filled like arguments; json_object is ``{"content": text}``,
  or has the keys that the text names in single quotes.
- ``stop`` and the token limits cut the answer (finish reason ``length`` for the latter); ``n``
  gives the same answer that many times; a stream has one event a word, and the usage when
  ``stream_options.include_usage`` asks for it.
- A token is a word with the space before it, in usage and in tokenizers. Embeddings:
  `polychat.emulator.vectors`.
- DIAL: the attachments of the last user message come back; the deployment ``stages`` adds two
  stages, an attachment and a state; ``custom_fields.configuration.prefix`` is put before the
  answer; the usage is always told; applications that were saved can be called, and deployed,
  which their logs tell. What is shared by an accepted invitation can be read. Everybody has the
  skill ``writing/tone``. On client channels users sign in, except to toolsets named ``denied`` or
  ``broken``.
- Aleph Alpha's completions continue a prompt with the prompt itself; reranking counts shared words.
  AIMLAPI's images are of one colour, and its speech is silence, a tenth of a second a word.
  Azure's images are one black pixel.

Ids and times are counted from a fixed start: the same requests have the same answers.

**Faults** strike a request whose model or deployment is named ``fault:...`` or that has the header
``x-emulator-fault: fault:...``; the header works on every route. Parts are joined by commas, values
may be percent-encoded:

- ``status=503``, with ``retry-after=1`` (seconds), ``retry-after-date=1`` (a date, that many
  seconds ahead) or ``retry-after-ms=200``. The body is the platform's envelope, or with ``html``,
  ``text``, ``malformed`` (half a JSON document) or ``empty`` that; these also without a status.
- ``redirect=URL`` (status 307 unless another is given), ``slow=0.5`` (seconds before the answer),
  ``drop`` (the connection is closed before any byte).
- ``cut=3`` (the connection is closed after 3 pieces, without the end of the body), ``truncate=3``
  (the body ends there, cleanly), ``stall=3`` (silence from there on). A piece is an event of an
  event stream, and a byte of any other body.
- ``error-event=2`` (a stream's third event is an error, and its last before the end marker).
- ``framing=crlf|cr|nospace|comments|multiline|bom|event-lines`` of a stream's events; ``dribble``
  sends a body byte by byte.
- ``times=2``: only twice, and then the rules above. It is counted by the fault's whole text and,
  if there is one, the header ``x-emulator-key``.

- AIMLAPI's videos, music and transcriptions are queued, then generating, and ready when they are
  asked for the third time; ``fail!`` in the prompt makes them fail, ``wait!`` keeps them waiting.

**Not there** (status 501, with the operation's name): Aleph Alpha's API
description, and users with their tokens.
"""

from __future__ import annotations

try:
    from polychat.emulator.app import Received
    from polychat.emulator.server import Emulator
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        f"polychat.emulator needs {_error.name}: pip install 'polychat[emulator]'", name=_error.name
    ) from _error

__all__ = ["Emulator", "Received"]
