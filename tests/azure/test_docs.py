"""The examples of docs/azure.md run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from polychat.azure.tracing import AIInferenceInstrumentor
from polychat.emulator import Emulator

DOCS = Path(__file__).parents[2] / "docs" / "azure.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
ENDPOINT = "https://my-resource.services.ai.azure.com/models"


@pytest.mark.parametrize("endpoint", ["/models", "/openai/v1"])
def test_the_first_example(
    emulator: Emulator, capsys: pytest.CaptureFixture[str], endpoint: str
) -> None:
    code = EXAMPLES[0]
    assert ENDPOINT in code
    names: dict[str, object] = {}
    url = emulator.url("azure").replace("/models", endpoint)
    exec(code.replace(ENDPOINT, url), names)
    assert capsys.readouterr().out == "Who was Ada Lovelace?\nCount to five."
    names["client"].close()  # type: ignore[attr-defined]


def test_the_other_examples() -> None:
    for code in EXAMPLES[1:]:
        names: dict[str, object] = {}
        exec(code, names)
        if "messages" in names:
            assert names["messages"] == [
                {"role": "system", "content": "You answer for a hotel. Be kind."},
                {"role": "user", "content": "Is breakfast included?"},
            ]
    assert AIInferenceInstrumentor().is_instrumented()
    AIInferenceInstrumentor().uninstrument()


def test_the_number_of_calls_that_parity_runs_is_true() -> None:
    from tests.peers.azure.calls import cases

    assert f"one script of {len(cases())} calls" in DOCS.read_text("utf-8")
