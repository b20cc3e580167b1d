"""The TCP socket inside a PyVISA-py session, watched so that a peer that is gone is seen at once.

PyVISA-py opens a refused port without a word, and waits out its whole timeout on a connection that was closed.
"""

from __future__ import annotations

import os
import select
import socket
from typing import Any


def inside(session: Any) -> socket.socket | None:
    """The socket of a PyVISA-py SOCKET session; None for any other session."""
    inner = getattr(getattr(session.visalib, "sessions", {}).get(session.session), "interface", None)
    return inner if isinstance(inner, socket.socket) else None


def must_be_connected(inner: socket.socket) -> None:
    """Raise OSError where the port was refused."""
    refused = inner.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if refused:
        raise OSError(refused, os.strerror(refused))
    inner.getpeername()
    inner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def peek(inner: socket.socket, seconds: float, most: int) -> int | None:
    """How many bytes (up to `most`) can be read, waiting for one; None after `seconds`, 0 when the peer closed.

    Raises OSError when the peer reset the connection.
    """
    poller = select.poll()
    poller.register(inner, select.POLLIN)
    if not poller.poll(seconds * 1000):
        return None
    return len(inner.recv(most, socket.MSG_PEEK))
