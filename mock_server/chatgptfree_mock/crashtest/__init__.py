"""
The crash test: drive any client through every scenario as a black box, and judge it.

`plan` has the cases, `command` and `function` run a client, `verdict` judges it, `pytest_runner` makes a pytest run of
it all, `results` and the reports hold the outcome.
"""
