"""
The contract between a site pack and the server, the scenarios and the crash test.

`pack` defines a site pack, `registry` finds packs by their entry points; `request` comes in, `site` answers with a
`reply`, and keeps its state in a `store`; `settings` and `releases` are what users choose from.
"""
