"""
The imitated site: WordPress, its chat plugin on any release, and what stands in front.

Asked with a `SiteRequest`, it answers with a `Response`; no socket is needed.
"""
