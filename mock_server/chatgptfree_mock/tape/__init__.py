"""
Cassettes: what was on the wire, as values; how they are stored, matched, redacted and converted.

`files` alone touches a disk.
"""
