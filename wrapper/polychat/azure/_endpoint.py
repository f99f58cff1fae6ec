"""Which of Azure's endpoints a URL is, and what follows from that.

All take the same bodies. Serverless, managed compute, GitHub Models and ``.../models`` take
``api-version``; so does a deployment of Azure OpenAI; ``.../openai/v1``, the successor of all,
takes none, needs ``model`` and knows neither ``/info`` nor ``/images/embeddings``.
Source: Microsoft's migration guide from Azure AI Inference to the OpenAI v1 route.
"""

from __future__ import annotations

from typing import Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from polychat._core.config import base_url, from_environment
from polychat.errors import ConfigurationError

ENDPOINT, CREDENTIAL = "AZURE_INFERENCE_ENDPOINT", "AZURE_INFERENCE_CREDENTIAL"
API_VERSION = "2024-05-01-preview"
IMAGES_API_VERSION = "2025-02-01-preview"
"""The first that has `/images/generations`."""
ML_SCOPE = "https://ml.azure.com/.default"
COGNITIVE_SCOPE = "https://cognitiveservices.azure.com/.default"
V1_SCOPE = "https://ai.azure.com/.default"
_COGNITIVE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
_LOOPBACK = ("localhost", "::1")

Route = Literal["models", "openai/v1"]


class Endpoint(NamedTuple):
    """Where requests go."""

    base_url: str
    query: dict[str, str]
    """What the URL that was given had after its question mark."""
    v1: bool
    scope: str
    """What a token is asked for, unless the user says otherwise."""

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted."""
        return self.base_url.startswith("https:")

    @property
    def loopback(self) -> bool:
        """Whether the connection stays on this machine."""
        host = urlsplit(self.base_url).hostname or ""
        return host in _LOOPBACK or host.startswith("127.")


def read_endpoint(given: str | None, route: Route | None = None) -> Endpoint:
    """The endpoint of a URL, or of the environment. Raises `ConfigurationError`."""
    if route not in (None, "models", "openai/v1"):
        raise ConfigurationError(
            f"route={route!r}",
            platform="azure",
            remedy="Pass route='models', route='openai/v1', or none to see it from the endpoint",
        )
    url = given or from_environment([ENDPOINT])
    if not url:
        raise ConfigurationError(
            "Parameter 'endpoint' must not be None.",
            platform="azure",
            remedy=f"Pass endpoint='https://...' or set {ENDPOINT}",
        )
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    bare = urlunsplit((parts.scheme, parts.netloc, parts.path, "", parts.fragment))
    root = base_url(bare, platform="azure", names=[ENDPOINT], default=None)
    v1 = route == "openai/v1" if route is not None else root.endswith("/openai/v1")
    return Endpoint(root, query, v1, _scope(root, v1=v1))


def _scope(root: str, *, v1: bool) -> str:
    if v1:
        return V1_SCOPE
    host = (urlsplit(root).hostname or "").lower()
    if host.endswith(_COGNITIVE):
        return COGNITIVE_SCOPE
    return ML_SCOPE
