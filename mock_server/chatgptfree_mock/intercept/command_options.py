"""The options for intercepting of `serve`, `record` and `crashtest`, and their output."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from chatgptfree_mock.config.release_options import Command
from chatgptfree_mock.config.word_choice import WordChoice
from chatgptfree_mock.errors import InterceptError
from chatgptfree_mock.intercept.tls_fault import TlsFault

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception  # its libraries are slow to import

_HELP: Final = "Open a proxy that answers for the site's real host name, for clients with a fixed address"
TLS_FAULTS: Final = WordChoice([str(fault) for fault in TlsFault])


def intercept_option(command: Command) -> Command:
    """Add ``--intercept [HOST,…]``, which `intercepted_hosts` reads."""
    option = click.option(
        "--intercept",
        multiple=True,
        is_flag=False,
        flag_value="",
        metavar="[HOST,…]",
        help=f"{_HELP}; by default for the recorded hosts, or for the imitated one.",
    )
    return option(command)


def intercept_flag(command: Command) -> Command:
    """Add ``--intercept`` where the hosts are known."""
    return click.option("--intercept", is_flag=True, help=f"{_HELP}.")(command)


def proxy_options(command: Command) -> Command:
    """Add ``--proxy-port`` and ``--env``."""
    command = click.option(
        "--env", "as_env", is_flag=True, help="Print only the `export` lines that a client's shell needs."
    )(command)
    port = click.option(
        "--proxy-port",
        type=click.IntRange(0, 65535),
        metavar="PORT",
        help="The port of the intercepting proxy.  [default: any]",
    )
    return port(command)


def intercepted_hosts(words: Sequence[str]) -> bool | tuple[str, ...]:
    """
    Return the hosts in the *words* of ``--intercept``: False for none, True for the default ones.

    Raises:
        InterceptError: a comma has no host beside it, or one of several *words* has none.
    """
    if not words:
        return False
    hosts = tuple(host.strip() for word in words if word for host in word.split(","))
    if not all(hosts):
        raise InterceptError(f"`--intercept {','.join(words)}`: a host is missing beside a comma")
    if hosts and "" in words:
        raise InterceptError("`--intercept` is given with hosts and without; name all hosts, or none")
    return hosts or True


def check_proxy_options(*, intercept: bool, **given: object) -> None:
    """
    Check that no option for the proxy is *given* if there is no proxy.

    Raises:
        InterceptError: an option would have no effect.
    """
    useless = ["--" + name.replace("_", "-") for name, value in given.items() if value not in (None, False)]
    if useless and not intercept:
        raise InterceptError(f"without --intercept there is no proxy; leave out {', '.join(useless)}")


def as_json(interception: Interception) -> dict[str, Any]:
    """Return the data of a running proxy, for programs."""
    return {
        "hosts": list(interception.hosts.names),
        "proxy": interception.proxy.url,
        "certificate": str(interception.proxy.authority.certificate),
        "environment": interception.environment,
    }


def in_words(interception: Interception) -> list[str]:
    """Return lines about a running proxy, for people."""
    proxy = interception.proxy
    return [
        f"Proxy for {interception.hosts}: {proxy.url}",
        f"Certificate of its CA:   {proxy.authority.certificate} (--env prints all variables for a client)",
    ]
