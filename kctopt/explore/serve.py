"""The explorer as a process: an address on this machine alone, until Ctrl-C."""

from __future__ import annotations

import secrets
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn

from kctopt.errors import UsageError
from kctopt.explore.explorer import Explorer
from kctopt.explore.guard import Guard
from kctopt.explore.server import Application

HOST = "127.0.0.1"
LETTERS = 24  # bytes of the token


class _Server(uvicorn.Server):
    """A server whose first signal also ends what is being solved, so that no answer keeps it from ending."""

    def __init__(self, config: uvicorn.Config, stop: Callable[[], Any]) -> None:
        super().__init__(config)
        self._stop = stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        threading.Thread(target=self._stop, daemon=True).start()
        super().handle_exit(signal.Signals(sig), frame)


def serve(explorer: Explorer, folder: Path | None, ready: Callable[[str], object], port: int = 0) -> None:
    """Serve the page until a signal asks to end.

    Parameters
    ----------
    explorer : Explorer
        What the page asks.
    folder : pathlib.Path or None
        Where scenarios are saved.
    ready : callable
        Given the address, once it answers.
    port : int, default 0
        A free one by default.

    Raises
    ------
    UsageError
        Where the port is taken.
    """
    try:
        place = socket.create_server((HOST, port))
    except OSError as error:
        raise UsageError(
            f"port {port} of {HOST} cannot be used: {error.strerror}; leave --port out for a free one"
        ) from None
    with place:
        number, token = place.getsockname()[1], secrets.token_urlsafe(LETTERS)
        application = Application(explorer, folder)
        guarded = Guard(application.app, number, token)
        config = uvicorn.Config(
            guarded, log_level="error", access_log=False, server_header=False, ws="none", limit_concurrency=100,
            timeout_graceful_shutdown=5, timeout_keep_alive=30, lifespan="on",
        )  # fmt: skip
        try:
            ready(f"http://{HOST}:{number}/{token}/")
            _Server(config, application.queue.close).run(sockets=[place])
        finally:
            application.queue.close()
