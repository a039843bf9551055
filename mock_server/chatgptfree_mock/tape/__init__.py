"""
Cassettes: recorded exchanges as values, and their storage, matching, redaction and conversion.

`files` alone touches a disk.
"""
