"""Positions in a text by the lines and columns of PyYAML's marks."""

from __future__ import annotations

import re
from typing import Any


class YamlMarks:
    """Return positions in *text*; *starts* are those of its lines."""

    def __init__(self, text: str) -> None:
        # The lines of YAML 1.1 (section 4.1.4), as PyYAML and libyaml count them.
        self.starts = [0, *(found.end() for found in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", text))]

    def at(self, mark: Any) -> int:
        """Return the index of the character at *mark*."""
        return self.starts[int(mark.line)] + int(mark.column)
