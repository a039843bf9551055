"""What bash hands over for a completion."""

from __future__ import annotations

import os
from pathlib import Path

from chatgptfree_mock import cli


def asking(cache: Path, line: str) -> dict[str, str]:
    """Return the environment in which bash asks for the completions of *line*."""
    own = {"COMP_LINE": f"chatgptfree-mock {line}", "COMP_BREAKS": " \t\n\"'@><=;|&(:", "XDG_CACHE_HOME": str(cache)}
    return {**os.environ, **own, cli.COMPLETE_VARIABLE: "bash_complete"}
