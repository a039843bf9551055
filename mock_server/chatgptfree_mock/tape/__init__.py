"""
Cassettes: recorded exchanges as values, and their storage, matching, redaction and conversion.

`files`, `folder` and `whole_file` alone touch a disk.
"""
