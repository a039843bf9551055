"""``python -m chatgptfree_mock`` is ``chatgptfree-mock``."""

from __future__ import annotations

from chatgptfree_mock.cli import main

if __name__ == "__main__":
    main()
