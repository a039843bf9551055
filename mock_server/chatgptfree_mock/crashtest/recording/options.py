"""The options of ``crashtest --cassette``; every run imports them."""

from __future__ import annotations

from typing import Final

import click

from chatgptfree_mock.crashtest.options import together
from chatgptfree_mock.crashtest.recording.plan import TIMEOUT

CASSETTES: Final = "cassettes"
"""The parameter of `--cassette`."""
_GRADES_HELP: Final = (
    "Only these: 1 legal and read alike everywhere, 2 legal and in the wild, 3 legal but rare.  [default: 1,2]"
)
recording_options: Final = together(
    click.option(
        "--cassette",
        "cassettes",
        multiple=True,
        metavar="PATH",
        help="Test with variants of this recording's answer: a cassette, a HAR, a folder or a pattern; repeatable.",
    ),
    click.option(
        "--variant", "variants", multiple=True, metavar="GLOB", help="Only these, such as `cut/*`; repeatable."
    ),
    click.option("--all", "everything", is_flag=True, help="All variants, not only one of each distinct kind."),
    click.option("--grade", "grades", metavar="LIST", help=_GRADES_HELP),
    click.option("--message", metavar="TEXT", help="What `{message}` is, instead of the recorded message."),
    click.option("--base", metavar="PATH", default="", help="What `{url}` ends with, such as `/v1`."),
    click.option("--answer", "number", type=int, metavar="N", help="Which exchange of the recording has the answer."),
    click.option("--end-mark", metavar="TEXT", help="A text in the event that ends the stream."),
    click.option("--anyway", is_flag=True, help="Take a recording whose answer is not whole."),
    click.option(
        "--timeout",
        type=float,
        default=TIMEOUT,
        show_default=True,
        metavar="SECONDS",
        help="So long after the last byte a client hangs.",
    ),
    click.option(
        "--stall", type=float, metavar="SECONDS", help="Count it if a client waits longer for a stalled answer."
    ),
    click.option(
        "--mask", "masks", multiple=True, metavar="REGEX", help="What changes from run to run, such as a time."
    ),
    click.option(
        "--resume", is_flag=True, help="Go on with a run that was stopped: the results in the file of --json stand."
    ),
    click.option(
        "--max-failures", "most_failures", type=click.IntRange(1), metavar="N", help="Stop after so many failures."
    ),
)
"""The options that act with `--cassette` only, and `--cassette` itself."""
