"""Wait for whole requests without a thread, so that slow senders keep no reader from an answer."""

from __future__ import annotations

import os
import re
import socket
import struct
from collections import deque
from selectors import EVENT_READ
from time import monotonic
from typing import Any

from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

WAIT_SECONDS = 10.0
SILENT_SECONDS = 10
QUEUE_SECONDS = 60.0
PART_SECONDS = 2.0
LEAST_RATE = 4096  # bytes a second; half of what a modem of 1998 sent
MOST_HEAD = 65_536
MOST_BODY = 65_536
END = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
# A body whose end cannot be waited for: it has no length, or expects a word of ours first.
OPEN = re.compile(rb"^(?:expect|transfer-encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)
ANY_LENGTH = re.compile(rb"^content-length", re.IGNORECASE | re.MULTILINE)


class Reader(SocketUnreader):  # type: ignore[misc]
    """Read a request in a thread for as long as it comes at ``LEAST_RATE``.

    Only the time spent waiting counts; the first ``WAIT_SECONDS`` of it are free.
    """

    def begin(self) -> None:
        """Count anew, for the next request of a connection."""
        self._waited, self._came = 0.0, 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Wait for more; raise ``TimeoutError`` where that takes too long altogether."""
        if self._waited > WAIT_SECONDS + self._came / LEAST_RATE:
            raise TimeoutError("the request comes too slowly")
        began = monotonic()
        data: bytes = super().chunk(size_hint)
        self._waited += monotonic() - began
        self._came += len(data)
        return data


class Worker(ThreadWorker):  # type: ignore[misc]
    """Give a connection to a thread when its next request has come whole.

    A head, and a body up to ``MOST_BODY``, has ``WAIT_SECONDS`` to come.
    A larger body, and one of unknown length, is read by a thread, at ``LEAST_RATE`` and without
    a silence of ``SILENT_SECONDS``; half of the threads do so at most, the others stay for
    requests that are whole.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished: set[Any] = set()
        self._queued: deque[Any] = deque()
        self._parting: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Look at what has come; wait for the rest without a thread."""
        if not conn.initialized:
            conn.init()
            conn.data_ready = True
            conn.parser.unreader = Reader(conn.sock)
            silent = struct.pack("ll", SILENT_SECONDS, 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silent)
        conn.sock.setblocking(False)
        conn.timeout = monotonic() + WAIT_SECONDS
        if not self._take(conn):
            self.pending_conns.append(conn)
            self.poller.register(conn.sock, EVENT_READ, lambda _: self._read_on(conn))

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Let the next large body be read where this was one."""
        self._unfinished.discard(conn)
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._part(conn)
        self._read_large()

    def murder_pending(self) -> None:
        """Close what has waited for too long."""
        super().murder_pending()
        while self._queued and self._queued[0].timeout < monotonic():
            self.nr_conns -= 1
            self._queued.popleft().close()
        while self._parting and self._parting[0].timeout < monotonic():
            self._end(self._parting[0])

    def _part(self, conn: Any) -> None:
        """Let the other side close first, so that our answer reaches it; nobody waits for that."""
        conn.timeout = monotonic() + PART_SECONDS
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
            self.poller.register(conn.sock, EVENT_READ, lambda _: self._drain(conn))
        except (OSError, ValueError):  # it is closed already
            self.nr_conns -= 1
            conn.close()
        else:
            self._parting.append(conn)

    def _drain(self, conn: Any) -> None:
        try:
            if conn.sock.recv(MOST_HEAD):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(conn)

    def _end(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self._parting.remove(conn)
        self.nr_conns -= 1
        conn.close()

    def _read_on(self, conn: Any) -> None:
        if self._take(conn):
            self.poller.unregister(conn.sock)
            self.pending_conns.remove(conn)

    def _take(self, conn: Any) -> bool:
        """Read what is there; tell whether that is enough to go on with."""
        is_over = self._read(conn)
        data = conn.parser.unreader.buf.getvalue()
        if is_over or _is_whole(data):
            self._hand_over(conn)
        elif _is_endless(data):
            conn.timeout = monotonic() + QUEUE_SECONDS
            self._queued.append(conn)
            self._read_large()
        else:
            return False
        return True

    def _read_large(self) -> None:
        """Give large bodies to the threads that they may have."""
        while self._queued and len(self._unfinished) < max(1, self.cfg.threads // 2):
            conn = self._queued.popleft()
            self._unfinished.add(conn)
            self._hand_over(conn)

    def _hand_over(self, conn: Any) -> None:
        conn.parser.unreader.begin()
        super().enqueue_req(conn)

    def _read(self, conn: Any) -> bool:
        """Read what is there; tell whether nothing more can come."""
        try:
            data = conn.sock.recv(MOST_HEAD)
        except BlockingIOError:
            return False
        except OSError:
            return True  # the thread meets it again and knows what to do
        kept = conn.parser.unreader.buf
        kept.seek(0, os.SEEK_END)
        kept.write(data)
        return bool(data == b"")


def _is_whole(data: bytes) -> bool:
    """Tell whether a request is there with the whole of its body."""
    head, end, body = data.partition(END)
    if not end or OPEN.search(head):
        return False
    found = LENGTH.search(head + b"\r")
    return len(body) >= int(found[1]) if found else not ANY_LENGTH.search(head)


def _is_endless(data: bytes) -> bool:
    """Tell whether a request is too long to wait for, or has no end that could be waited for."""
    head, end, _ = data.partition(END)
    if not end:
        return len(data) > MOST_HEAD
    found = LENGTH.search(head + b"\r")
    return not found or int(found[1]) > MOST_BODY or bool(OPEN.search(head))
