"""The options of ``crashtest --cassette``; every run imports them."""

from __future__ import annotations

from typing import Final

import click

from chatgptfree_mock.crashtest.options import together
from chatgptfree_mock.variants.grades import DEFAULT_GRADES, GRADES

CASSETTES: Final = "cassettes"
"""The parameter of `--cassette`."""
_GRADES_HELP: Final = (
    f"Run only these grades: {'; '.join(f'{grade} {words}' for grade, words in GRADES.items())}.  "
    f"[default: {','.join(map(str, DEFAULT_GRADES))}; with --variant any grade]"
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
        "--variant",
        "variants",
        multiple=True,
        metavar="GLOB",
        help="Run only these variants, such as `cut/*`; repeatable.",
    ),
    click.option(
        "--all",
        "everything",
        is_flag=True,
        help="Run all variants of these grades, instead of one of each distinct kind.",
    ),
    click.option("--grade", "grades", metavar="LIST", help=_GRADES_HELP),
    click.option("--message", metavar="TEXT", help="The text for `{message}`, instead of the recorded message."),
    click.option("--base", metavar="PATH", default="", help="A path that ends `{url}`, such as `/v1`."),
    click.option("--answer", "number", type=int, metavar="N", help="The number of the exchange that holds the answer."),
    click.option("--end-mark", metavar="TEXT", help="Text in the event that marks the end of the stream."),
    click.option("--anyway", is_flag=True, help="Accept a recording whose answer is incomplete."),
    click.option(
        "--stall",
        type=float,
        metavar="SECONDS",
        help="Count a client that waits longer than this for a stalled answer as failed.",
    ),
    click.option(
        "--mask", "masks", multiple=True, metavar="REGEX", help="Text to ignore in comparisons, such as a time."
    ),
    click.option("--resume", is_flag=True, help="Continue a stopped run: results in the file of --json are kept."),
    click.option(
        "--max-failures", "most_failures", type=click.IntRange(1), metavar="N", help="Stop after this many failures."
    ),
)
"""The options that act with `--cassette` only, and `--cassette` itself."""
