"""Requests to an ASGI application in this process, without a network, as a client of HTTP would send them."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests below a prefix of the path, one at a time, with the Host of the application."""

    def __init__(self, app: Any, host: str, prefix: str, loop: asyncio.AbstractEventLoop) -> None:
        self.app, self.host, self.prefix, self.loop = app, host, prefix, loop

    def get(self, path: str, headers: Mapping[str, str] | None = None, **query: str) -> Answer:
        return self.send("GET", self.prefix + path, headers, query=urlencode(query))

    def post(self, path: str, asked: Any = None, content: bytes | list[bytes] | None = None) -> Answer:
        body = json.dumps(asked).encode() if content is None else content
        return self.send("POST", self.prefix + path, {"content-type": "application/json"}, body)

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes | list[bytes] = b"",
        query: str = "",
    ) -> Answer:  # fmt: skip
        """One request; a body in parts has no length, as one that is streamed."""
        parts = body if isinstance(body, list) else [body]
        given = {"host": self.host} | ({} if isinstance(body, list) else {"content-length": str(len(body))})
        given |= dict(headers or {})
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 1),
        }  # fmt: skip
        return self.run(self._answer(scope, parts))

    async def _answer(self, scope: dict[str, Any], parts: list[bytes]) -> Answer:
        messages = [
            {"type": "http.request", "body": part, "more_body": n < len(parts) - 1} for n, part in enumerate(parts)
        ]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if messages:
                return messages.pop(0)
            await asyncio.Event().wait()  # the client stays until it has its answer
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, b"".join(message.get("body", b"") for message in sent[1:]))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do work in the loop of the application."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def client(app: Any, host: str, prefix: str) -> Iterator[Client]:
    """A client of an application that is started, and ended behind the block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    made = Client(app, host, prefix, loop)
    started, ended, stop = threading.Event(), threading.Event(), asyncio.Event()

    async def live() -> None:
        begun = False

        async def receive() -> dict[str, Any]:
            nonlocal begun
            if not begun:
                begun = True
                return {"type": "lifespan.startup"}
            await stop.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: dict[str, Any]) -> None:
            assert message["type"].endswith("complete"), message
            started.set()

        await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
        ended.set()

    asyncio.run_coroutine_threadsafe(live(), loop)
    assert started.wait(60)
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        assert ended.wait(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(60)
        loop.close()
