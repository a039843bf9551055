"""
The imitated site: WordPress, its chat plugin on any release, and the proxies and caches in front.

It takes a `SiteRequest` and returns a `Response`; no socket is needed.
"""
