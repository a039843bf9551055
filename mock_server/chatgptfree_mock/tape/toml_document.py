"""Decode TOML; a file that is nested too deeply or has a number of too many digits is an error, too."""

from __future__ import annotations

import tomllib
from typing import Any


def decode_toml(data: bytes) -> dict[str, Any]:
    """
    Return the document in *data*.

    Raises:
        ValueError: it is not TOML in UTF-8, or Python cannot read it; the message has the reason.
    """
    try:
        return tomllib.loads(data.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


def tool_tables(document: dict[str, Any]) -> dict[str, Any]:
    """Return the tables below `[tool]` of a pyproject.toml; none if `tool` is something else."""
    tables = document.get("tool")
    return tables if isinstance(tables, dict) else {}
