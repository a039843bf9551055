"""Secrets that their form shows, wherever they are: keys, addresses, numbers, and a project's own patterns."""
