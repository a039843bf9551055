"""
What a server tells on stderr: failures of its own, and not what clients send it or that they leave.

Each of a thousand broken requests would be a traceback, and who does not read the stderr of a server that he started
would bring it to a halt by them.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp.http_exceptions import HttpProcessingError

SERVER_LOG: Final = logging.getLogger("chatgptfree_mock.server")


def _is_our_own(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError | ConnectionError)


SERVER_LOG.addFilter(_is_our_own)
