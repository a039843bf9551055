"""
Reload a running server from its files: the settings of the root site, recordings, scenarios, releases and templates.

All files are read and checked first; on any error the server stays as it was.  The journal, the clock and the runs of
unchanged scenarios are kept.  The root site loses the state of its visitors, and the changes that the control API made
to its settings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from chatgptfree_mock.contract import registry
from chatgptfree_mock.contract.site_spec import SiteSpec
from chatgptfree_mock.errors import MockError, SettingsError
from chatgptfree_mock.scenario.library import Library, shipped
from chatgptfree_mock.server.app import builder
from chatgptfree_mock.server.control import SCENARIO_SITES, SITES
from chatgptfree_mock.server.file_watch import FileWatch, Stamps, stamps_of
from chatgptfree_mock.server.mounted_site import MountedSite
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import hidden_lines

LOOK_SECONDS: Final = 0.5
"""Seconds between two checks of the files."""

Load = Callable[[], ServerConfig]
Files = Callable[[ServerConfig], Collection[Path]]


def settled(config: ServerConfig, stamps: Stamps, *, load: Load, files: Files) -> tuple[ServerConfig, Stamps]:
    """
    Return *config* and the stamps of its files from before they were read.

    *stamps* were taken before *config* was loaded.  Files that are named in other files, such as recordings in a
    settings file, are known only once those are read; then everything is loaded again, so that no change during loading
    is missed.

    Raises:
        MockError: something is wrong with a file that is read again.
    """
    while (now := stamps_of(files(config))).keys() != stamps.keys():
        stamps, config = now, load()
    return config, stamps


class Reloader:
    """
    Reloads *app* whenever its files change.

    Args:
        app: the server.
        config: the config that it was built from.
        loaded: the stamps of its files before they were read; see `settled`.
        load: reads the files again; raises `MockError` for an invalid file.
        files: returns the files, and folders of files, that a config was read from.
        report: called with each line for the user: what was reloaded, or why nothing was.
    """

    def __init__(
        self,
        app: web.Application,
        config: ServerConfig,
        *,
        loaded: Stamps,
        load: Load,
        files: Files,
        report: Callable[[str], None],
    ) -> None:
        self._app, self._config = app, config
        self._load, self._files, self._report = load, files, report
        self._watch = FileWatch(lambda: files(self._config), loaded)

    async def run(self) -> None:
        """Check the files repeatedly, until it is cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.look()

    async def look(self) -> None:
        """Check the files once, and reload everything if one has changed and was the same at the last check."""
        # Files are read on a thread, so that pending answers do not wait for them.
        changes = await asyncio.to_thread(self._watch.changes)
        if not changes:
            return
        try:
            config, library, stamps = await asyncio.to_thread(self._read, changes)
            self._apply(config, library)
        except MockError as exc:
            self._report(f"not reloaded, the site stays as it was: {exc}")
            return
        self._watch.accept(stamps)
        self._report("reloaded: " + ", ".join(f"{_relative_path(file)} ({word})" for file, word in changes.items()))

    def _read(self, changes: Mapping[Path, str]) -> tuple[ServerConfig, Library, Stamps]:
        config, stamps = settled(self._load(), self._watch.reported, load=self._load, files=self._files)
        if left_out := [line for line in config.notes if line not in self._config.notes]:
            raise SettingsError("; ".join(left_out))
        library = shipped(config.scenarios, config.pack.name)
        library.check(changes.keys())
        return config, library, stamps

    def _apply(self, config: ServerConfig, library: Library) -> None:
        sites = self._app[SITES]
        build = builder(config, config.cassettes, config.replay, memory=sites.journal.memory)
        hidden = sites.hidden
        sites.reload(config.spec, build)
        for line in hidden_lines(path for path in sites.hidden if path not in hidden):
            self._report(line)
        if config.delivery != self._config.delivery:
            sites.deliver(sites.root, config.delivery)
        self._app[SCENARIO_SITES].reload(library)
        for mounted in [each for each in sites if each is not sites.root]:
            self._rebuild(mounted)
        if config.notice not in (None, self._config.notice):
            self._report(f"warning: {config.notice}")
        self._config = config

    def _rebuild(self, mounted: MountedSite) -> None:
        """Rebuild an added site if its pack has other files now, or if it plays recordings."""
        try:
            pack = registry.load(mounted.spec.pack.name)
            if pack is not mounted.spec.pack or mounted.spec.files:
                self._app[SITES].configure(mounted, SiteSpec(pack=pack, settings=mounted.settings))
        except MockError as exc:
            self._report(f"{mounted.name} is not reloaded, it stays as it was: {exc}")


def _relative_path(file: Path) -> str:
    """Return the path of *file* relative to the working directory, if it is in there."""
    return str(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)
