"""Wait for whole requests without a thread, so that slow senders keep no reader from an answer."""

from __future__ import annotations

import os
import re
import socket
import struct
import time
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

WAIT_SECONDS = 10.0
SILENT_SECONDS = 10
MOST_HEAD = 65_536
MOST_BODY = 65_536
END = b"\r\n\r\n"
EXPECTS = re.compile(rb"^expect:", re.IGNORECASE | re.MULTILINE)
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)


class Worker(ThreadWorker):  # type: ignore[misc]
    """Give a connection to a thread when its next request has come whole.

    A head, and a body up to ``MOST_BODY``, has ``WAIT_SECONDS`` to come; a larger body is read
    by a thread, which gives up after ``SILENT_SECONDS`` without a byte.
    """

    def enqueue_req(self, conn: Any) -> None:
        """Look at what has come; wait for the rest without a thread."""
        if not conn.initialized:
            conn.init()
            conn.data_ready = True
            silent = struct.pack("ll", SILENT_SECONDS, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silent)
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + WAIT_SECONDS
        if self._read(conn):
            self._hand_over(conn)
            return
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, lambda _: self._read_on(conn))

    def _read_on(self, conn: Any) -> None:
        if self._read(conn):
            self.poller.unregister(conn.sock)
            self.pending_conns.remove(conn)
            self._hand_over(conn)

    def _hand_over(self, conn: Any) -> None:
        super().enqueue_req(conn)

    def _read(self, conn: Any) -> bool:
        """Read what is there; tell whether a thread has something to do."""
        try:
            data = conn.sock.recv(MOST_HEAD)
        except BlockingIOError:
            data = None
        except OSError:
            return True  # the thread meets it again and knows what to do
        kept = conn.parser.unreader.buf
        kept.seek(0, os.SEEK_END)
        kept.write(data or b"")
        return data == b"" or _is_whole(kept.getvalue())


def _is_whole(data: bytes) -> bool:
    """Tell whether a request is there, or something too long to wait for."""
    head, end, body = data.partition(END)
    if not end:
        return len(data) > MOST_HEAD
    found = LENGTH.search(head + b"\r")
    length = int(found[1]) if found else 0
    # Who expects a word of ours before the body waits for it.
    return length > MOST_BODY or len(body) >= length or bool(EXPECTS.search(head))
