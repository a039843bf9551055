"""``python -m chatgptfree``."""

from __future__ import annotations

import sys

from chatgptfree.cli import main

if __name__ == "__main__":
    sys.exit(main())
