"""``AzureKeyCredential`` and ``AccessToken``: azure-core's where it is installed, else ours.

Clients take any credential by its shape: a key has ``key``, a token credential ``get_token``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._azure_core import AccessToken as AccessToken
    from ._azure_core import AzureKeyCredential as AzureKeyCredential
else:
    try:
        from azure.core.credentials import AccessToken, AzureKeyCredential
    except ImportError:
        from ._azure_core import AccessToken, AzureKeyCredential

__all__ = ["AccessToken", "AzureKeyCredential"]
