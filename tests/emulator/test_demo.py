"""The demo runs, shows the code that it runs, and notices what is wrong."""

from __future__ import annotations

import subprocess
import sys

import pytest

from polychat import demo


def test_the_demo_as_a_process() -> None:
    command = [sys.executable, "-m", "polychat.demo"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    count = len(demo.STEPS)
    assert ended.stdout.endswith(f"{count} of {count} steps gave what they must.\n")
    assert "|One| word| arrives|" in ended.stdout
    assert "answer = dial.chat.completions.create(" in ended.stdout


def test_a_wrong_result_is_noticed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [demo.STEPS[0]._replace(expected="something else"), demo.STEPS[0]]
    monkeypatch.setattr(demo, "STEPS", steps)
    assert demo.main() == 1
    said = capsys.readouterr().out
    assert "it must be 'something else'" in said
    assert said.endswith("1 of 2 steps gave what they must.\n")
