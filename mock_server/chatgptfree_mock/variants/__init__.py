"""
Variants of a recorded answer: equivalents, which keep its meaning, and breakages, which a client has to report.

Pure: `catalogue` returns all variants of a recorded answer, byte for byte, each with a name, a grade and a source.
Nothing here runs a client or depends on its output.
"""
