"""What `serve --watch` reloads: the options' files, read again whenever one of them changes."""

from __future__ import annotations

from collections.abc import Callable

from chatgptfree_mock.cli.serving.options import SiteOptions
from chatgptfree_mock.errors import InterceptError
from chatgptfree_mock.server.file_watch import Stamps
from chatgptfree_mock.server.mock_server import MockServer
from chatgptfree_mock.server.reload import Reloader, settled
from chatgptfree_mock.server.server_config import ServerConfig

ReportLine = Callable[[str], None]


def load(options: SiteOptions) -> ServerConfig:
    """
    Return the server that *options* make, from their files as they are now.

    Raises:
        MockError: something is wrong with a file.
    """
    return options.config(options.recordings())


def config_with_stable_files(
    options: SiteOptions, config: ServerConfig, report: ReportLine
) -> tuple[ServerConfig, Stamps]:
    """
    Return the config, read again until no file of it changed meanwhile, and the stamps of its files.

    All are read again after *config* was made, since which they are is known only then; *report* gets a line for each
    recording that was not left out before.

    Raises:
        MockError: something is wrong with a file that is read again.
    """
    loaded, stamps = settled(config, {}, load=lambda: load(options), files=options.watched)
    for line in loaded.notes:
        if line not in config.notes:
            report(line)
    return loaded, stamps


def reloader(
    server: MockServer,
    options: SiteOptions,
    config: ServerConfig,
    stamps: Stamps,
    *,
    all_hosts: bool,
    report: ReportLine,
) -> Reloader:
    """
    Return what reloads *server*, which was made of *config*, when the files of *options* differ from *stamps*.

    *all_hosts*: the server intercepts all hosts of its recordings, which then cannot change.
    """

    def reload() -> ServerConfig:
        loaded = load(options)
        if all_hosts:
            check_hosts(config, loaded)
        return loaded

    return Reloader(server.app, config, loaded=stamps, load=reload, files=options.watched, report=report)


def check_hosts(before: ServerConfig, now: ServerConfig) -> None:
    """
    Check that the hosts that are intercepted are still those of the recordings.

    Raises:
        InterceptError: they are not; the proxy has its hosts from the start on.
    """
    from chatgptfree_mock.server.intercepted_site import default_hosts

    hosts = default_hosts(now.spec, now.cassettes)
    if set(hosts) != set(default_hosts(before.spec, before.cassettes)):
        raise InterceptError(f"the hosts are now {', '.join(hosts)}; start `serve` again to intercept them")
