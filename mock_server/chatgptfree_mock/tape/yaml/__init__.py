"""Cassettes as text: reading and writing YAML and JSON."""
