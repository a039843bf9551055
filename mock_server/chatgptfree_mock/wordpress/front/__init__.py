"""
What stands between the visitor and WordPress: walls, caches, redirects, gateways on the way in; codings, minifiers and
buffers on the way out.

Nothing here waits or reads a clock.  What is counted is counted per visitor and in this one site only.
"""

from chatgptfree_mock.wordpress.front.door import ESI_COMMENT, Cached, Front

__all__ = ["ESI_COMMENT", "Cached", "Front"]
