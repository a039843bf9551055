"""
What a server tells on stderr: failures of its own, and not what clients send it or that they leave.

Each of a thousand broken requests would be a traceback, and who does not read the stderr of a server that he started
would bring it to a halt by them.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

from chatgptfree_mock.errors import MockError

SERVER_LOG: Final = logging.getLogger("chatgptfree_mock.server")


def log_refused_file(error: MockError) -> None:
    """Log the whole of an *error* of which others are told only that a file is wrong; it may quote the file."""
    if error.quotes_file is not None:
        SERVER_LOG.warning("%s", "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(error)))


def _is_our_own(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | ConnectionError)


SERVER_LOG.addFilter(_is_our_own)
