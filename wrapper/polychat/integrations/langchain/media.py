"""`AimlapiImageModel` and `AimlapiVideoModel`: from a prompt to links to what was made."""

from __future__ import annotations

from typing import Any, ClassVar

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.llms import LLM
from pydantic import ConfigDict, Field

from polychat._core.options import is_seconds, no_seconds
from polychat.errors import UnsupportedFeatureError
from polychat.integrations._answers import malformed
from polychat_rest.shapes import is_array

from ._connection import Connection, given, method


class AimlapiImageModel(Connection, LLM):
    """Pictures from words; invoked, it gives the link to one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    model: str = "openai/gpt-image-1"
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the request, of which each model has its own."""

    @property
    def _llm_type(self) -> str:
        return "aimlapi-image"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What a cache tells answers apart by."""
        return {"model": self.model, "base_url": self.aimlapi_api_base, **self.model_kwargs}

    def _request(self, prompt: str, **fields: Any) -> dict[str, Any]:
        more = {**self.model_kwargs, **self._options()}
        return {"model": self.model, "prompt": prompt, **given(**fields), **more}

    def generate_images(
        self,
        prompt: str,
        n: int | None = None,
        size: str | None = None,
        response_format: str | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """The links, or with ``response_format="b64_json"`` the base64 texts, of `n` pictures.
        What is None is not sent: not all models know these fields."""
        request = self._request(prompt, n=n, size=size, response_format=response_format, **kwargs)
        return _pictures(method(self._client.images.generate)(**request))

    async def agenerate_images(
        self,
        prompt: str,
        n: int | None = None,
        size: str | None = None,
        response_format: str | None = None,
        **kwargs: Any,
    ) -> list[str]:
        """`generate_images`, asynchronously."""
        request = self._request(prompt, n=n, size=size, response_format=response_format, **kwargs)
        return _pictures(await method(self._async_client.images.generate)(**request))

    def _call(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        _no_stop(stop)
        return self.generate_images(prompt, **kwargs)[0]

    async def _acall(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        _no_stop(stop)
        return (await self.agenerate_images(prompt, **kwargs))[0]


class AimlapiVideoModel(Connection, LLM):
    """Videos from words, waited for; invoked, it gives the link to one."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    model: str = "google/veo3"
    provider: str | None = None
    """Sent where it is given; most models have it in their name."""
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the request, of which each model has its own."""

    @property
    def _llm_type(self) -> str:
        return "aimlapi-video"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        """What a cache tells answers apart by."""
        known = {"model": self.model, "base_url": self.aimlapi_api_base}
        return {**known, **given(provider=self.provider), **self.model_kwargs}

    def _request(
        self, prompt: str, wait: tuple[float, float | None], fields: dict[str, Any]
    ) -> dict[str, Any]:
        if wait[1] is not None and not is_seconds(wait[1]):
            raise no_seconds("timeout", wait[1], platform="aimlapi")
        more = {**given(provider=self.provider), **self.model_kwargs, **self._options()}
        waits = {"poll_interval": wait[0], "wait_timeout": wait[1]}
        return {"model": self.model, "prompt": prompt, **given(**fields), **more, **waits}

    def generate_videos(
        self,
        prompt: str,
        n: int | None = None,
        response_format: str | None = None,
        poll_interval: float = 10.0,
        timeout: float | None = 360.0,
        **kwargs: Any,
    ) -> list[str]:
        """The links to what one generation gave, asked for every `poll_interval` seconds.

        Raises `polychat.aimlapi.GenerationFailedError`, and after `timeout` seconds
        `polychat.aimlapi.GenerationTimeoutError`, a TimeoutError.
        """
        fields = {"n": n, "response_format": response_format, **kwargs}
        request = self._request(prompt, (poll_interval, timeout), fields)
        return _videos(method(self._client.video.create_and_wait)(**request))

    async def agenerate_videos(
        self,
        prompt: str,
        n: int | None = None,
        response_format: str | None = None,
        poll_interval: float = 10.0,
        timeout: float | None = 360.0,  # noqa: ASYNC109  # as the sync method has it
        **kwargs: Any,
    ) -> list[str]:
        """`generate_videos`, asynchronously."""
        fields = {"n": n, "response_format": response_format, **kwargs}
        request = self._request(prompt, (poll_interval, timeout), fields)
        return _videos(await method(self._async_client.video.create_and_wait)(**request))

    def _call(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        _no_stop(stop)
        return self.generate_videos(prompt, **kwargs)[0]

    async def _acall(
        self,
        prompt: str,
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> str:
        _no_stop(stop)
        return (await self.agenerate_videos(prompt, **kwargs))[0]


def _no_stop(stop: list[str] | None) -> None:
    if stop:
        raise UnsupportedFeatureError(
            "pictures and videos have no stop sequences", platform="aimlapi"
        )


def _pictures(answer: Any) -> list[str]:
    found = [picture.b64_json or picture.url for picture in answer.data or ()]
    return _links(answer, [value for value in found if value])


def _videos(job: Any) -> list[str]:
    videos: Any = job.video if is_array(job.video) else [job.video]
    links = [getattr(video, "url", video) for video in videos]
    return _links(job, [link for link in links if isinstance(link, str) and link])


def _links(answer: Any, found: list[str]) -> list[str]:
    if not found:
        raise malformed(answer, "the answer has no link")
    return found
