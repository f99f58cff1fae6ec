"""A DIAL application on aidial-sdk: the platform's own server code, with a deployment a case."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from aidial_sdk import DIALApp, HTTPException
from aidial_sdk.chat_completion import ChatCompletion, Request, Response, Role, Tool

HEARTBEAT = 0.1
"""Seconds between the comments that the `patient` deployment's server sends while it waits."""


class Echo(ChatCompletion):
    """Says the last message again, word by word, and counts the words."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        words = request.messages[-1].text().split(" ")
        response.set_model("echo-1")
        response.append_header("x-request-id", "echo-request")
        with response.create_single_choice() as choice:
            for index, word in enumerate(words):
                choice.append_content(word if index == 0 else f" {word}")
        response.set_usage(len(words), len(words))
        response.add_usage_per_model("echo-1", len(words), len(words))


class Staged(ChatCompletion):
    """Works in two stages that overlap, attaches files to a stage and to the answer, and leaves
    a state for the next turn."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        with response.create_single_choice() as choice:
            with choice.create_stage("Search") as search:
                with choice.create_stage("Rank") as rank:
                    search.append_content("two ")
                    rank.append_content("first ")
                    search.append_content("hits")
                    rank.append_content("wins")
                search.append_name(" done")
                search.add_attachment(title="hit", data="text of the hit")
            choice.append_content("Answer")
            choice.add_attachment(type="image/png", title="chart", url="files/b/chart.png")
            choice.add_attachment(type="text/csv", title="table", url="files/b/table.csv")
            choice.set_state({"turn": len(request.messages)})


class ToolUser(ChatCompletion):
    """Calls each tool with the user's text as its first parameter, its arguments in two pieces;
    after a tool's message, repeats what the tool said."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        last = request.messages[-1]
        with response.create_single_choice() as choice:
            if last.role is Role.TOOL:
                choice.append_content(f"The tool says {last.text()}")
                return
            for number, tool in enumerate(request.tools or ()):
                assert isinstance(tool, Tool)
                parameter = next(iter((tool.function.parameters or {})["properties"]))
                arguments = json.dumps({parameter: last.text()})
                half = len(arguments) // 2
                call = choice.create_function_tool_call(f"call-{number}", tool.function.name)
                call.append_arguments(arguments[:half])
                call.append_arguments(arguments[half:])


class Patient(ChatCompletion):
    """Thinks for several heartbeats before its first word, and again before its second."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        with response.create_single_choice() as choice:
            for word in ("worth", " waiting"):
                await asyncio.sleep(HEARTBEAT * 8)
                choice.append_content(word)


class Refusing(ChatCompletion):
    """Fails before its first chunk."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        raise HTTPException(
            "the prompt has no question",
            status_code=422,
            type="invalid_request_error",
            param="messages",
            code="no_question",
            display_message="Please ask a question",
        )


class Breaking(ChatCompletion):
    """Fails in the middle of its answer."""

    async def chat_completion(self, request: Request, response: Response) -> None:
        with response.create_single_choice() as choice:
            choice.append_content("so ")
            choice.append_content("far")
            await response.aflush()
            raise HTTPException(
                "upstream lost", status_code=502, code="lost", display_message="Try later"
            )


class Limited(ChatCompletion):
    """Turns each user's first request away for a second, and answers from the second on."""

    def __init__(self) -> None:
        self.calls: Counter[str | None] = Counter()

    async def chat_completion(self, request: Request, response: Response) -> None:
        self.calls[request.user] += 1
        if self.calls[request.user] == 1:
            raise HTTPException(
                "too many tokens", status_code=429, code="429", headers={"Retry-After": "1"}
            )
        with response.create_single_choice() as choice:
            choice.append_content(f"call {self.calls[request.user]}")


def build() -> DIALApp:
    """The application with all its deployments."""
    app = DIALApp()
    app.add_chat_completion("echo", Echo())
    app.add_chat_completion("staged", Staged())
    app.add_chat_completion("tools", ToolUser())
    app.add_chat_completion("patient", Patient(), heartbeat_interval=HEARTBEAT)
    app.add_chat_completion("refusing", Refusing())
    app.add_chat_completion("breaking", Breaking())
    app.add_chat_completion("limited", Limited())
    return app
