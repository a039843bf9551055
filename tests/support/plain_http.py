"""httpx for addresses without TLS: by default it reads 140 certificates for each request, which takes longer."""

from __future__ import annotations

from functools import partial

import httpx

get = partial(httpx.get, verify=False)
post = partial(httpx.post, verify=False)
