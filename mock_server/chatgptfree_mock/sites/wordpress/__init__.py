"""
The imitated site: WordPress, its chat plugin on any release, and the proxies and caches in front.

Asked with a `SiteRequest`, it answers with a `Response`; no socket is needed.
"""
