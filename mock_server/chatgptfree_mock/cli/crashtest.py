"""``chatgptfree-mock crashtest``: drive any client through the scenarios and give it a score card."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import click
from click.core import ParameterSource

from chatgptfree_mock.crashtest.options import SharedOptions, parameter_names, shared_options
from chatgptfree_mock.crashtest.recording.options import CASSETTES, recording_options
from chatgptfree_mock.crashtest.scenarios.options import scenario_options
from chatgptfree_mock.crashtest.scenarios.verdict import RULES
from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.no_certificates import import_aiohttp
from chatgptfree_mock.usage_error import StrictCommand


@click.command(
    cls=StrictCommand,
    context_settings={"ignore_unknown_options": False},
    epilog="\n\n".join(["How a client is judged:", *RULES]),
)
@scenario_options
@recording_options
@shared_options
@click.pass_context
def command(context: click.Context, /, **given: Any) -> int:
    """
    Run COMMAND once per scenario, or once per variant of a recording, and judge what it prints.

    COMMAND prints the answer to stdout and exits with 0, or exits with another code.  In it {url}, {message}, {bot}
    (the bot to ask) and {timeout} (half of the time limit, in seconds) are replaced.

    The {url} of a scenario is a folder, and ends with a slash.  With --cassette {url} is a whole server, and ends with
    the path of --base, by default without a slash; the variables CRASHTEST_URL and CRASHTEST_MESSAGE have {url} and
    {message} as well.  With --intercept {url} is the site's own address, and can be left out.

    Exit code 0: nothing counts against the client; 1: something does; 2: bad input, or a client that never asks; 130,
    143 or 129: stopped by Ctrl-C, SIGTERM or SIGHUP, with a report on what was done.

    \b
      chatgptfree-mock crashtest -- python my_client.py {url} {message}
      chatgptfree-mock crashtest --scenario 'stream/*' -n auto -- node client.mjs {url} {message}
      chatgptfree-mock crashtest --plugin all --html report.html -- ./client.sh {url} {message}
      chatgptfree-mock crashtest --cassette tape.yaml -- python my_client.py {url} {message}
    """  # noqa: D301 - click wants the backspace itself, which keeps the lines below it as they are
    words, interruption = context.obj or ((), None)
    if interruption is not None and given["callable"] is None:  # this process is the crash test's own
        import_aiohttp()
    if given[CASSETTES]:
        _check_use(context, parameter_names(scenario_options), "has no effect with `--cassette`")
        from chatgptfree_mock.crashtest.recording.command_line import crash_test
    else:
        _check_use(context, parameter_names(recording_options), "needs a recording, `--cassette PATH`")
        from chatgptfree_mock.crashtest.scenarios.command_line import crash_test
    return crash_test(given, SharedOptions.taken_from(given, words, interruption))


def _check_use(context: click.Context, idle: Collection[str], why: str) -> None:
    """Check that none of the *idle* parameters was given on the command line."""
    for option in context.command.params:
        if option.name in idle and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            raise SettingsError(f"`{option.opts[0]}` {why}")
