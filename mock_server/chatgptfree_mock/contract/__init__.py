"""
What the server, the scenarios and the crash test know of a site, and nothing else of it.

`pack` says what a site pack is, `registry` finds packs by their entry points; `request` comes in, `site` answers with a
`reply`, and remembers in a `store`; `settings` and `releases` say what can be asked of a pack.
"""
