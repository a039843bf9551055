"""
Variants of a recorded answer: rewritings that keep its meaning, and breakages that a client has to report.

Pure: `catalogue` returns for a recorded answer all that can be sent in its place, byte for byte, each with a name, a
grade and a source.  Nothing here runs a client or depends on what one prints.
"""
