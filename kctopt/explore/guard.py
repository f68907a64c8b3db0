"""What stands before the application: only this machine's own page gets in, and nothing too large.

| asked | else |
|---|---|
| Host is 127.0.0.1 or localhost with our port | 421: a name that a stranger made point here |
| Origin, where a browser sends one, is the same | 403: a page of somebody else |
| the address begins with the token | 404, as for anything that is not there |
| the body has at most LARGEST bytes | 413 |
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST = 64 * 1024  # bytes of a request's body
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin", "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}  # fmt: skip


class Guard:
    """An ASGI application that lets the page of this process through to the one behind it."""

    def __init__(self, app: App, port: int, token: str) -> None:
        self.app, self.token = app, token
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        status = self._refused(scope)
        if status:
            await _answer(send, status)
            return
        inner = dict(scope) | {"path": scope["path"][len(self.token) + 1 :] or "/"}
        inner["raw_path"] = inner["path"].encode()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *_headers()]
            await send(message)

        body = await _body(receive)
        if body is None:
            await _answer(send, 413)
            return
        await self.app(inner, _again(body, receive), sent)

    def _refused(self, scope: Scope) -> int:
        """The status of a request that is refused; 0 for none."""
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self.hosts:
            return 421
        if origins and (len(origins) > 1 or origins[0].lower() != f"http://{hosts[0].lower()}"):
            return 403
        if headers.get("sec-fetch-site", ["same-origin"])[0] not in ("same-origin", "none"):
            return 403
        parts = scope["path"].split("/")  # "", token, and at least an empty one
        given = parts[1] if len(parts) > 2 else ""
        if not secrets.compare_digest(given.encode(), self.token.encode()):
            return 404
        length = headers.get("content-length", ["0"])[0]
        return 413 if not length.isascii() or not length.isdigit() or int(length) > LARGEST else 0


async def _body(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too large."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > LARGEST:
            return None
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """The messages of a request whose body was read: the body, then what comes behind it."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return whole.pop() if whole else await receive()

    return again


def _headers() -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in HEADERS.items()]


async def _answer(send: Send, status: int) -> None:
    """A bare answer."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *_headers()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
