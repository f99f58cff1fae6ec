"""What a download gives."""

from __future__ import annotations

from .._download import FileDownloadResponse as FileDownloadResponse

__all__ = ["FileDownloadResponse"]
