"""
The recordings that requests over the network may name: built-in ones, and those in the server's folders.

Only the user who started the server can name folders; no request can make it read, or look for, any other file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.tape.files import cassette_folder

_SHORT_NAME: Final = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


class FileAccess:
    """The *folders*, or single files, that a server was started with."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = (cassette_folder(), *(folder.resolve() for folder in folders))

    def check(self, spec: SiteSpec, known: SiteSpec | None = None) -> None:
        """
        Refuse a site whose settings name a file outside of the folders; files in the settings of *known* are allowed.

        Raises:
            SettingsError: they name such a file, whether it exists or not.
        """
        allowed = set() if known is None else set(known.files)
        for name in spec.files:
            if name not in allowed and not self._reaches(name):
                raise SettingsError(
                    f"`{name[:200]}` is not below the folders that the server was started with: "
                    "--cassettes, --scenarios, and --files for more"
                )

    def _reaches(self, name: str) -> bool:
        if _SHORT_NAME.fullmatch(name) and (cassette_folder() / "recorded" / f"{name}.yaml").is_file():
            return True
        try:
            file = Path(name).resolve()
        except (OSError, ValueError, RuntimeError):  # before Python 3.13, circular links raise RuntimeError
            return False
        return any(file.is_relative_to(folder) for folder in self._folders)
