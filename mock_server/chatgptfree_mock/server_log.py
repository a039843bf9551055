"""
The server's log on stderr: its own failures, but not broken requests or clients that leave.

Each broken request would be a traceback, and a parent process that never reads stderr would block the server with them.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

from chatgptfree_mock.errors import MockError

SERVER_LOG: Final = logging.getLogger("chatgptfree_mock.server")


def log_refused_file(error: MockError) -> None:
    """Log an *error* in full if it may quote a file; clients only get its `public` text."""
    if error.quotes_file is not None:
        SERVER_LOG.warning("%s", "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(error)))


def _is_our_own(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | ConnectionError)


SERVER_LOG.addFilter(_is_our_own)
