"""A client that runs beside a server and ends it: `serve … -- COMMAND` and `record … -- COMMAND`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Final

from chatgptfree_mock.crashtest import command_words
from chatgptfree_mock.errors import SettingsError

URL_VARIABLE: Final = "CHATGPTFREE_URL"
"""The variable that holds the server's address; `chatgptfree` takes it as the default of ``--url``."""
_GRACE: Final = 5.0


def default_port(command: Sequence[str], default: int) -> int:
    """Return the port to listen on if none was named: any free one (0) beside a *command*, else the *default* one."""
    return 0 if command else default


def check_client(command: Sequence[str], **given: object) -> None:
    """
    Check that *command* can be run, and that no option is *given* that has no effect beside a command.

    Args:
        command: the words after ``--``; empty if there are none, and then nothing is checked.
        given: the options that need a server without a command, by name; false or None if they were not used.

    Raises:
        SettingsError: there is no such program, or such an option was used.
    """
    if not command:
        return
    useless = ["--" + name.replace("_", "-") for name, value in given.items() if value]
    if useless:
        raise SettingsError(f"{', '.join(useless)}: no effect with a command after `--`; leave it out")
    command_words.check(command, needs_url=False)


async def run_client(
    command: Sequence[str], stop: asyncio.Future[int], *, url: str, variables: Mapping[str, str] | None = None
) -> int:
    """
    Run *command* until it ends or *stop* has a result; return its exit code, or that result.

    It shares the terminal with the server.  Ended by signal N, it counts as exit code 128 + N, as in a shell
    (POSIX.1-2017, XCU 2.8.2).

    Args:
        command: the words of the command; `{url}` in them is replaced.
        stop: set by a signal to this process.  The command is then sent SIGTERM, and SIGKILL after five seconds.
        url: the server's address, which is in the variable `URL_VARIABLE` as well.
        variables: more variables for its environment; default none.

    Raises:
        SettingsError: it can't be started.
    """
    environment = {**os.environ, **(variables or {}), URL_VARIABLE: url}
    try:
        process = await asyncio.create_subprocess_exec(*command_words.fill(command, {"url": url}), env=environment)
    except OSError as exc:
        raise SettingsError(f"`{command[0]}` can't be started: {exc.strerror}") from exc
    ended = asyncio.ensure_future(process.wait())
    await asyncio.wait({ended, stop}, return_when=asyncio.FIRST_COMPLETED)
    if ended.done():
        code = ended.result()
        return code if code >= 0 else 128 - code
    process.terminate()
    await asyncio.wait({ended}, timeout=_GRACE)
    if not ended.done():
        process.kill()
    await ended
    return stop.result()
