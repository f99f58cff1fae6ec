"""The documents tell the truth: their examples run, their commands and links lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from polychat.emulator import Emulator

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
DOCUMENTS += sorted((ROOT / "docs").glob("*.md"))
EXAMPLES = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
DIAL_URL = "https://dial.example.com"


def said(example: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What an example prints."""
    exec(compile(example, "README.md", "exec"), {"__name__": "__main__"})
    return capsys.readouterr().out


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_the_examples_run(
    example: str,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("AIMLAPI_API_BASE", emulator.url("aimlapi"))
    said(example.replace(DIAL_URL, emulator.url("dial")), capsys)
    if "emulator" not in example:
        assert emulator.requests, "the example sent nothing"


def test_the_first_example_prints_the_answer_as_it_arrives(
    emulator: Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    example = EXAMPLES[0].replace(DIAL_URL, emulator.url("dial")).replace("gpt-4o", "echo")
    assert said(example, capsys) == "Which planet has the most moons?"


def sessions() -> set[str]:
    """The names of noxfile.py's sessions."""
    tree = ast.parse((ROOT / "noxfile.py").read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {
        function.name
        for function in functions
        if any(ast.unparse(decorator) == "nox.session" for decorator in function.decorator_list)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_are_sessions(document: Path) -> None:
    commands = set(re.findall(r"scripts/run (\w+)", document.read_text()))
    assert commands <= sessions()


def test_ci_runs_the_commands_of_the_first_screen() -> None:
    block = re.search(r"^```sh\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert block is not None
    commands = block[1].splitlines()
    assert commands == ["scripts/run demo", "scripts/run tests"]
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    assert {f"part {command}" for command in commands} <= set(ci)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_links_lead_to_files(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    assert not missing
