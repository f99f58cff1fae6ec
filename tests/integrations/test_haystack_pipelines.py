"""The generator where it is used: in a pipeline with a prompt and a tool invoker, and in an agent.
Each is run, saved, loaded and run again."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from haystack import Pipeline, component
from haystack.components.agents import Agent
from haystack.components.builders import ChatPromptBuilder
from haystack.dataclasses import ChatMessage
from haystack.tools import Tool

from polychat.integrations.haystack import AIMLAPIChatGenerator
from polychat.integrations.haystack._loading import OLD_TYPE

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


def weather(city: str) -> str:
    return f"3 degrees in {city}"


@component
class Invoker:
    """Makes the calls of a reply. Haystack 2's ToolInvoker is gone in Haystack 3."""

    @component.output_types(tool_messages=list[ChatMessage])
    def run(self, messages: list[ChatMessage]) -> dict[str, Any]:
        found = [
            ChatMessage.from_tool(tools()[0].invoke(**call.arguments), origin=call)
            for message in messages
            for call in message.tool_calls
        ]
        return {"tool_messages": found}


def tools() -> list[Tool]:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    return [Tool(name="weather", description="The weather", parameters=schema, function=weather)]


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Haystack 3 must be told that the tool is a function of this module."""
    monkeypatch.setenv("HAYSTACK_DESERIALIZATION_ALLOWLIST", f"{__name__}*")


def again(pipeline: Pipeline) -> Pipeline:
    loaded = Pipeline.loads(pipeline.dumps())
    assert loaded.to_dict()["components"] == pipeline.to_dict()["components"]
    return loaded


def test_prompt_generator_and_tool_invoker(url: str) -> None:
    pipeline = Pipeline()
    template = [ChatMessage.from_user("{{ city }}")]
    prompt = ChatPromptBuilder(template=template, required_variables=["city"])
    pipeline.add_component("prompt", prompt)
    pipeline.add_component(
        "llm", AIMLAPIChatGenerator(model="echo", api_base_url=url, tools=tools())
    )
    pipeline.add_component("invoker", Invoker())
    pipeline.connect("prompt.prompt", "llm.messages")
    pipeline.connect("llm.replies", "invoker.messages")
    for each in (pipeline, again(pipeline)):
        result = each.run({"prompt": {"city": "Oslo"}})
        (message,) = result["invoker"]["tool_messages"]
        assert message.tool_call_result.result == "3 degrees in Oslo"


def agent_pipeline(url: str, **options: Any) -> Pipeline:
    generator = AIMLAPIChatGenerator(model="echo", api_base_url=url, **options)
    pipeline = Pipeline()
    pipeline.add_component("agent", Agent(chat_generator=generator, tools=tools()))
    return pipeline


@pytest.mark.parametrize("options", [{}, {"generation_kwargs": {"stream": True}}])
def test_an_agent(url: str, options: dict[str, Any]) -> None:
    pipeline = agent_pipeline(url, **options)
    for each in (pipeline, again(pipeline)):
        result = each.run({"agent": {"messages": [ChatMessage.from_user("Oslo")]}})["agent"]
        assert [m.role.value for m in result["messages"]][-3:] == ["assistant", "tool", "assistant"]
        assert result["messages"][-1].text == "3 degrees in Oslo"


def test_an_agent_asynchronously_in_two_loops(url: str) -> None:
    generator = AIMLAPIChatGenerator(model="echo", api_base_url=url)
    agent = Agent(chat_generator=generator, tools=tools())
    for _ in range(2):
        result = asyncio.run(agent.run_async(messages=[ChatMessage.from_user("Oslo")]))
        assert result["messages"][-1].text == "3 degrees in Oslo"


OLD_MODULE = OLD_TYPE.rpartition(".")[0]
WITHOUT_THE_OLD_PACKAGE = """
import sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.startswith(sys.argv[1]) and (sys.argv[2] + ".").startswith(name + ".")
        return None if hidden else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
import importlib, json
from haystack import Pipeline
from haystack.dataclasses import ChatMessage
import polychat.integrations.haystack

pipeline = Pipeline.from_dict(json.load(sys.stdin))
result = pipeline.run({"agent": {"messages": [ChatMessage.from_user("Oslo")]}})
print(result["agent"]["messages"][-1].text)
print(importlib.import_module("haystack_integrations.components.generators.sibling").__name__)
try:
    importlib.import_module("haystack_integrations.components.generators.nobody")
except ModuleNotFoundError as error:
    print(error.name)
"""


def _python(code: str, *arguments: str, given: str = "") -> list[str]:
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("hidden", ["haystack_integrations", OLD_MODULE.partition(".chat")[0]])
def test_an_agent_of_the_old_package_is_loaded_without_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hidden: str
) -> None:
    generators = tmp_path / "haystack_integrations" / "components" / "generators"
    generators.mkdir(parents=True)
    (generators / "sibling.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    pipeline = Pipeline()
    generator = AIMLAPIChatGenerator(model="echo", api_base_url=url)
    pipeline.add_component("agent", Agent(chat_generator=generator))
    saved = pipeline.to_dict()
    saved["components"]["agent"]["init_parameters"]["chat_generator"]["type"] = OLD_TYPE
    assert _python(WITHOUT_THE_OLD_PACKAGE, hidden, OLD_MODULE, given=json.dumps(saved)) == [
        "Oslo",
        "haystack_integrations.components.generators.sibling",
        "haystack_integrations.components.generators.nobody",
    ]


def test_the_old_package_wins_where_it_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = tmp_path.joinpath(*OLD_MODULE.split(".")[:-1])
    chat.mkdir(parents=True)
    for file in (chat.parent / "__init__.py", chat / "__init__.py"):
        file.touch()
    (chat / "chat_generator.py").write_text("AIMLAPIChatGenerator = 'theirs'")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code = (f"import polychat.integrations.haystack, {OLD_MODULE} as old;"
            " print(old.AIMLAPIChatGenerator)")  # fmt: skip
    assert _python(code) == ["theirs"]
