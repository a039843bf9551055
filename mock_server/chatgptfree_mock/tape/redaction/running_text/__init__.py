"""Secrets in text without a format: all patterns in one pass, and values that prose, code, commands or YAML name."""
