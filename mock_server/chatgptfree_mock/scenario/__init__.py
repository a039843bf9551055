"""
Scenarios: a site's behaviour, and the result that is expected of a client.

`model` defines a scenario, `library` finds scenarios on disk, `runs` plays one to a client.
"""
