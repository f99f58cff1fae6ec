"""Each fault of the wire ends every kind of call alike over all transports, and leaves nothing."""

from __future__ import annotations

import re

import pytest

from polychat import errors

from .bodies import BODIES, LARGE
from .calls import HEALED, KINDS, TAKEN, TRANSPORTS, Fault, Outcome, first_then_well, right, suffer
from .heads import BEFORE_BODIES
from .proxies import PROXIES
from .redirects import REDIRECTS
from .table import TABLE

HEALING = [
    fault
    for fault in (*BEFORE_BODIES, *BODIES)
    if not fault.proxy
    and fault.url == "{url}"
    and not fault.large
    and fault.phase in ("head", "body")
    and fault.expected.get("") is not HEALED
    and fault.expected.get("", HEALED) in (errors.APIConnectionError, errors.APITimeoutError)
]
"""Those after which a call may be made again."""


def luck(text: str) -> str:
    """A text in which it does not matter whether the system told of a reset or of an end."""
    ends = r"\[Errno (104|32)\] [\w ]+|Server disconnected without sending a response\."
    return re.sub(ends, "BROKEN", text)


def check(fault: Fault, kind: str, ended: dict[str, Outcome]) -> None:
    """All transports told the same, and that is what is to be told."""
    told = {
        transport: (one.name, luck(one.text) if fault.races else one.text)
        for transport, one in ended.items()
    }
    if fault.phase == "tunnel":  # a client of the user's own takes CONNECT for the request itself
        del told["httpx2"]
    assert len(set(told.values())) == 1, told
    expected = fault.expects(kind)
    for transport, one in ended.items():
        if expected in (HEALED, TAKEN):
            assert one.name == HEALED, (transport, one)
            assert expected == TAKEN or one.text == right(kind)
        else:
            assert isinstance(one.error, expected), (transport, one)
            assert isinstance(one.error, errors.PolychatError)
            assert one.error.platform == "dial"
            assert re.search(fault.says, one.text), one.text


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) == len([*BEFORE_BODIES, *BODIES, *LARGE, *REDIRECTS, *PROXIES]), "names twice"
    assert len(TABLE) >= 150
    assert len(REDIRECTS) >= 40
    assert len(PROXIES) >= 20
    assert len(HEALING) >= 40


@pytest.mark.parametrize("name", TABLE)
def test_a_fault_is_told_alike(name: str) -> None:
    fault = TABLE[name]
    found = suffer(fault)
    assert set(found) == set(TRANSPORTS)
    for kind in KINDS:
        check(fault, kind, {transport: found[transport][kind] for transport in TRANSPORTS})


@pytest.mark.parametrize("name", [fault.name for fault in HEALING])
def test_a_fault_that_comes_once_is_healed(name: str) -> None:
    fault = TABLE[name]
    again = fault._replace(serve=first_then_well(fault.serve), retries=1)
    for transport, outcomes in suffer(again).items():
        for kind, one in outcomes.items():
            if kind in ("stream", "download") and fault.expects(kind) is not fault.expects(""):
                continue  # what has begun to arrive is not asked for again
            assert (one.name, one.text) == (HEALED, right(kind)), (transport, kind, one)
