"""
The configuration around a test: settings of the project and of pytest, site packs, scenarios, files.

Modules of the extra `mock` are imported inside functions, so that the plugin loads without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chatgptfree_mock.config.keys import PATHS, SETTINGS
from chatgptfree_mock.errors import MockError, UnreadableFileError
from chatgptfree_mock.extras import explain

if TYPE_CHECKING:
    from chatgptfree_mock.scenario.library import Library

_CHOSEN: pytest.StashKey[dict[str, str]] = pytest.StashKey()
_LIBRARIES: pytest.StashKey[dict[str, Library]] = pytest.StashKey()
"""The scenarios of each site pack that a test has used."""


@contextmanager
def mistakes_in_one_line(where: str = "") -> Iterator[None]:
    """Report errors of a marker, a setting or the installation as one sentence, without the plugin's stack frames."""
    try:
        yield
    except (MockError, ModuleNotFoundError) as exc:
        sentence = explain(exc) if isinstance(exc, ModuleNotFoundError) else str(exc)
        if sentence is None:
            raise
        raise pytest.fail.Exception(f"{where}{sentence}", pytrace=False) from None  # else the report has it twice


def beside(test: Path, cassette: Any) -> Any:
    """
    Return *cassette*, or each of several, as a path next to the file *test* if that file exists.

    Raises:
        CassetteError: it is a relative path to a file that is neither there nor in the working directory.
    """
    if isinstance(cassette, (list, tuple)):
        return [beside(test, each) for each in cassette]
    if not isinstance(cassette, (str, Path)) or cassette == "":
        return cassette
    path, here = test.parent / cassette, Path(cassette)
    if path.exists() or glob(str(path)):
        return path
    if here.suffix and not (here.is_absolute() or here.exists() or has_magic(str(here))):
        raise UnreadableFileError(
            f"no such file, neither beside {test.name} nor in the working directory", file=str(here)
        )
    return cassette


def defaults(config: pytest.Config) -> dict[str, str]:
    """Return the defaults for settings that a marker leaves out."""
    return {name: value for name, value in chosen(config).items() if name not in (*PATHS, "strict_release")}


def chosen(config: pytest.Config) -> dict[str, str]:
    """Return the settings; those of pytest's own configuration take precedence over the project's table."""
    if _CHOSEN not in config.stash:
        from chatgptfree_mock.config.project import project_settings

        table = project_settings(config.rootpath)
        own = {name: str(config.getini(f"chatgptfree_mock_{name}")).strip() for name in SETTINGS}
        folders = [str(config.rootpath / line.strip()) for line in own["scenarios"].splitlines()]
        own["scenarios"] = "\n".join(folders)
        config.stash[_CHOSEN] = {**table, **{name: value for name, value in own.items() if value}}
    return config.stash[_CHOSEN]


def pack_of(item: pytest.Item) -> str:
    """Return the name of the site pack of a test: its marker's, else the project's, else the default."""
    from chatgptfree_mock.config.site import pack_name

    marker = item.get_closest_marker("chat_site")
    return pack_name(pack=marker.kwargs.get("pack") if marker else None, table=chosen(item.config))


def library(item: pytest.Item) -> Library:
    """Return the scenarios of a test's site pack, those of the project among them."""
    known, pack = item.config.stash.setdefault(_LIBRARIES, {}), pack_of(item)
    if pack not in known:
        from chatgptfree_mock.config.project import scenario_folders
        from chatgptfree_mock.scenario.library import shipped

        known[pack] = shipped(scenario_folders(chosen(item.config)), pack)
    return known[pack]
