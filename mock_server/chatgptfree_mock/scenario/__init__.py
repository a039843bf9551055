"""
Scenarios: what upstream does, and what a good client must deliver.

`model` defines a scenario, `library` finds scenarios on disk, `runs` plays one to a client.
"""
