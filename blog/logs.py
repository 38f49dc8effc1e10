"""Write log lines that people and programs can read, with the request that they belong to."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def set_up(level: str) -> None:
    """Send every log line to stderr as ``key=value`` pairs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=getattr(logging, level, logging.INFO), handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)


class Lines(logging.Formatter):
    """Format a record as one line; texts are JSON, so that nobody can forge another line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line of a record."""
        time = self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z")
        text = (
            f"time={time} level={record.levelname.lower()} logger={record.name}"
            f" request={request_id.get()} message={json.dumps(record.getMessage())}"
        )
        if record.exc_info:
            text += f" trace={json.dumps(self.formatException(record.exc_info))}"
        return text
