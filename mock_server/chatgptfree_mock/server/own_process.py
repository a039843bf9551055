"""Which process a server runs in: after a fork the child has a copy of the objects, and no server behind them."""

from __future__ import annotations

import os

from chatgptfree_mock.errors import ServingError


class OwnProcess:
    """The process that started a server; before the start, any process is the right one."""

    def __init__(self) -> None:
        self._id: int | None = None

    def take(self) -> None:
        """Make this process the one that the server runs in."""
        self._id = os.getpid()

    @property
    def is_here(self) -> bool:
        """Whether the server runs in this process, or nowhere yet."""
        return self._id in (None, os.getpid())

    def require(self) -> None:
        """
        Check that what this process does to the server has an effect.

        Raises:
            ServingError: this process is a fork of the one that started the server.
        """
        if not self.is_here:
            raise ServingError(
                f"the server runs in process {self._id}, and this one is a fork of it: only its address can be used"
                " here; ask for its journal and change it in that process, or by the control API"
            )
