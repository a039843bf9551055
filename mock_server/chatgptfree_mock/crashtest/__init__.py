"""
The crash test: run any client through every scenario as a black box, and judge its results.

`plan` has the cases, `command` and `function` run a client, `verdict` judges it, `session` runs all cases, `results`
and the reports have the outcome.
"""
