"""The environment of programs that connect to no site by TLS."""

from __future__ import annotations

import os

NO_CERTIFICATES = {"SSL_CERT_FILE": os.devnull}
"""aiohttp reads those of the system twice when it is imported, which takes a third of the start of a client."""
