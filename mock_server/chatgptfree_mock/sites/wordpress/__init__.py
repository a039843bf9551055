"""
WordPress without any plugin: its core, its ajax actions, nonces and visitors, and the proxies and caches in front.

It takes a `SiteRequest` and returns a `Response`; no socket is needed.
"""
