"""azure-ai-inference 1.0.0b9 and polychat.azure run the same script on the same server."""

from __future__ import annotations

import pytest

from polychat.emulator import Emulator

from .calls import Case, cases
from .libraries import run

CASES = cases()
EVENTS = {"error", "updates"}
RETRIED = {"result", "requests", "status", "code", "error"}
PARSER = (
    "the old parser knows events only as `data: {...}` and LF; ours reads what the standard allows"
)
PASSING = "passes soon, and chat may be sent again: ours does so, the old client raises"
SILENT = "the old client takes a stream that did not end well for one that did"
TYPED = "the old client raises json's own error; ours says that the answer cannot be read"

DIFFERENCES: dict[str, tuple[set[str], str]] = {
    "keyword: params": (
        {"requests"},
        (
            "a space is `+` in every query of ours; the old client writes"
            " `%20`, and `+` where it is asynchronous"
        ),
    ),
    "client: header of both": (
        {"requests"},
        ("a call's header wins over the client's, not the other way round"),
    ),
    "stream: crlf": (EVENTS, PARSER),
    "stream: cr": ({"updates"}, PARSER),
    "stream: no space": (EVENTS, PARSER),
    "stream: comments": (EVENTS, PARSER),
    "stream: multiline": (EVENTS, PARSER),
    "stream: bom": (EVENTS, PARSER),
    "stream: event lines": (EVENTS, PARSER),
    "stream: error event": ({"error", "status"}, SILENT),
    "stream: truncated": ({"error", "status"}, SILENT),
    "stream: cut": (
        {"error", "status"},
        ("IncompleteReadError, which is a HttpResponseError, with the status that was received"),
    ),
    "fault: 200 html": ({"error", "status"}, TYPED),
    "fault: 200 empty": ({"error", "status"}, TYPED),
    "fault: 429 then good": (RETRIED, PASSING),
    "fault: 502 then good": (RETRIED, PASSING),
    "fault: 408 then good": (RETRIED, PASSING),
    "fault: 400 with Retry-After": (
        RETRIED,
        ("the same bad request stays bad, whatever its answer says about waiting"),
    ),
    "fault: a broken Retry-After": (
        {"error", "requests", "result"},
        ("a header that nobody can read is not there; the old client raises ValueError for it"),
    ),
    "endpoint: with api-version": (
        {"requests"},
        ("the version in the endpoint is the one that is meant; the old client sends two"),
    ),
}
ASYNC = {
    "keyword: params": set[str](),
    "stream: cut": {"status"},
}
"""Where the asynchronous old client differs in other things than the synchronous one."""


def test_the_script_is_long_and_has_no_call_twice() -> None:
    assert len(CASES) >= 120
    assert len({case.name for case in CASES}) == len(CASES)
    assert DIFFERENCES.keys() <= {case.name for case in CASES}


@pytest.mark.filterwarnings("ignore")  # the old clients leave connections open
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_same_as_azure_ai_inference(case: Case, emulator: Emulator) -> None:
    expected, _ = DIFFERENCES.get(case.name, (set(), ""))
    old, new = run("old", case, emulator), run("new", case, emulator)
    assert old.differences(new) == expected, (old, new)
    old, asynchronous = run("old aio", case, emulator), run("new aio", case, emulator)
    assert old.differences(asynchronous) == ASYNC.get(case.name, expected), (old, asynchronous)
    assert new.differences(asynchronous) == set()
    assert new.requests or new.error == "TypeError" or new.error == "ValueError"
