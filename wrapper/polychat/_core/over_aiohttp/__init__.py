"""An httpx transport for asyncio over aiohttp's public API: half the CPU of httpx's own.

`watch` holds the clock, `request` what is sent, `body` what comes back, `errors` what can go
wrong, and `transport` joins them. Imported only where aiohttp is installed and used.
"""

from .transport import AiohttpTransport

__all__ = ["AiohttpTransport"]
