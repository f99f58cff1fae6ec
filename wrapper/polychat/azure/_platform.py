"""What is particular to Azure AI Inference: its errors and its request ids."""

from __future__ import annotations

from typing import Any

from polychat._core.failures import ErrorInfo, read_error
from polychat._core.platform import Platform
from polychat.errors import PolychatError
from polychat_rest.shapes import is_array, is_object

REQUEST_ID = "x-ms-client-request-id"


def _read_error(data: Any) -> ErrorInfo:
    """The common envelopes, and that of serverless endpoints for parameters which a model does
    not take: ``{"status": 422, "code", "message", "detail": {"loc": ["body", name]}}``."""
    info = read_error(data)
    detail: Any = data.get("detail") if is_object(data) else None
    location: Any = detail.get("loc") if is_object(detail) else None
    if is_array(location) and location and info.param is None:
        info = info._replace(param=str(location[-1]))
    return info


def _dress(error: PolychatError) -> PolychatError:
    from .exceptions import translated  # azure-core, if it is there, is loaded for errors only

    return translated(error)


AZURE = Platform(
    name="azure",
    request_id_headers=("x-ms-request-id", "apim-request-id", "x-request-id", REQUEST_ID),
    read_error=_read_error,
    dress=_dress,
)
