"""
Scenarios: what upstream does, and what a good client must deliver.

`model` says what a scenario is, `library` finds them on disk, `runs` plays one to a visitor.
"""
