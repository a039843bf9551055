"""
The contract between a site pack and the server, the scenarios and the crash test.

`pack` defines a site pack, `registry` finds packs by their entry points.  A `site` answers a `request` with a `reply`,
and keeps its state in a `store`.  Users choose `settings` and one of the `releases`.
"""
