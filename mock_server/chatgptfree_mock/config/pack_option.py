"""The option ``--pack`` of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from chatgptfree_mock.config.default_pack import DEFAULT_PACK


def pack_option(help_text: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option, with *help_text* before its default."""
    return click.option("--pack", metavar="NAME", help=f"{help_text}  [default: {DEFAULT_PACK}]")
