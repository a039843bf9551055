"""
The crash test: run any client through scenarios, or through variants of a recording, as a black box, and judge it.

`scenarios` and `recording` select the cases and judge; `command` and `function` run a client; `terminal_lines`,
`report`, `junit` and `markdown` print the outcome of either, by what `results` has in common.
"""
