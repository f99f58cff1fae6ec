"""``AzureKeyCredential`` and ``AccessToken``, for programs that do not have azure-core.

Clients take any credential by its shape, azure-core's and azure-identity's among them: a key has
``key``, a token credential ``get_token``.
"""

from __future__ import annotations

from ._azure_core import AccessToken, AzureKeyCredential

__all__ = ["AccessToken", "AzureKeyCredential"]
