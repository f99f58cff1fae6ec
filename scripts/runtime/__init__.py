"""Typed low-level clients, one package a platform, compiled from ``specs/``.

The modules at this level are shared by every platform: what a request and an answer are
(`protocol`), how a path, a body and an event stream are written and read, and a plain httpx
`Client`. ``polychat`` builds its pipeline on the same pieces.
"""
