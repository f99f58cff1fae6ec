"""`PromptTemplate`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Self

from ._messages import messages
from ._prompty import Prompty
from ._utils import remove_leading_empty_space


class PromptTemplate:
    """A template that gives messages.

    Make one with `from_prompty` or `from_string`. `model_name` and `parameters` are what a
    prompty file says about the model. ``escape_html=True`` writes ``<``, ``>``, ``&`` and ``"``
    of values as HTML does, as azure-ai-inference always did; no model wants that.
    """

    def __init__(
        self,
        *,
        api: str = "chat",
        prompty: Prompty | None = None,
        prompt_template: str | None = None,
        model_name: str | None = None,
        escape_html: bool = False,
    ) -> None:
        if prompty is None and prompt_template is None:
            raise ValueError("Please pass valid arguments for PromptTemplate")
        self.prompty = prompty
        self.api = api
        self.escape_html = escape_html
        self._folder: Path | None = None
        self._sample: dict[str, Any] = {}
        self.parameters: dict[str, Any] = {}
        self.model_name: str | None = model_name
        if prompty is not None:
            self.model_name = prompty.model.configuration.get("azure_deployment")
            self.parameters = prompty.model.parameters
            self._template = prompty.content
            self._folder = Path(prompty.file).parent
            self._sample = prompty.sample
        else:
            self._template = remove_leading_empty_space(prompt_template or "")

    @classmethod
    def from_prompty(cls, file_path: str, *, escape_html: bool = False) -> Self:
        """The template in a prompty file; a relative path is seen from the caller's file.

        Raises `FileNotFoundError`, and ImportError without PyYAML.
        """
        if not file_path:
            raise ValueError("Please provide file_path")
        caller = Path(sys._getframe(1).f_code.co_filename)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return cls(
            prompty=Prompty.load((caller.parent / file_path).resolve()), escape_html=escape_html
        )

    @classmethod
    def from_string(
        cls,
        prompt_template: str,
        api: str = "chat",
        model_name: str | None = None,
        *,
        escape_html: bool = False,
    ) -> Self:
        """The template that is given."""
        return cls(
            api=api,
            prompt_template=prompt_template,
            model_name=model_name,
            escape_html=escape_html,
        )

    def create_messages(
        self, data: dict[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """The messages for these values, which are given as a dict or as keywords; a prompty
        file's samples stand in for those that are not given. Raises ValueError for a template
        that is not sound."""
        values = {**self._sample, **(kwargs if data is None else data)}
        return messages(self._template, values, html=self.escape_html, folder=self._folder)
