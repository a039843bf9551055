"""Redaction: secrets are taken out of exchanges, in every format and spelling, and nothing else changes."""

from chatgptfree_mock.tape.redaction.names.rules import Rules
from chatgptfree_mock.tape.redaction.names.secret_names import RULES
from chatgptfree_mock.tape.redaction.redactor import Found, Redactor, find_all, find_secrets, redact

__all__ = ["RULES", "Found", "Redactor", "Rules", "find_all", "find_secrets", "redact"]
