"""
The front of a site: everything between the visitor and WordPress.

On the way in: block pages, caches, redirects, gateways.  On the way out: codings, minifiers, buffers.
Nothing here waits or reads a clock.  Limits count per visitor and per site.
"""
