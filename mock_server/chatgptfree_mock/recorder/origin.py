"""The origin of a recorded site, for scripts that drive a recorder; `tape.url_rewriting` defines it."""

from __future__ import annotations

from chatgptfree_mock.tape.url_rewriting import Origin

__all__ = ["Origin"]
