"""
The crash test: any client, driven through every scenario as a black box, and what became of it.

`verdict` judges, `command` and `function` run a client, `items` turns it all into a pytest run, `card` and its
neighbours tell the result.
"""
