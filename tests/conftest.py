"""For all tests."""

from __future__ import annotations

import os
import signal

if (
    signal.getsignal(signal.SIGINT) == signal.SIG_IGN
):  # started with `&` or `nohup`; tests send signals, and children inherit
    signal.signal(signal.SIGINT, signal.default_int_handler)
if os.name != "nt" and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

os.environ.pop("COLUMNS", None)  # outputs as in a pipe, whatever the terminal of whoever runs the tests
