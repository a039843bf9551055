"""Readers of the formats of an exchange, such as JSON, HTML, forms and event streams, and which of them reads what."""
