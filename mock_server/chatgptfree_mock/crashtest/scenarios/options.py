"""The options of ``crashtest`` without ``--cassette``; every run imports them."""

from __future__ import annotations

from typing import Final

import click

from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.config.release_options import release_options, template_option
from chatgptfree_mock.crashtest.options import together

scenario_options: Final = together(
    click.option(
        "--scenario",
        "globs",
        multiple=True,
        metavar="GLOB",
        help="Run only these scenarios, such as `nonce/*`; repeatable.",
    ),
    click.option(
        "--scenarios",
        "folders",
        multiple=True,
        type=PathParamType(),
        metavar="DIR",
        help="A folder of your own scenarios; repeatable.",
    ),
    release_options,
    template_option,
    click.option("--plugin", "plugins", metavar="SPEC", help="Releases to run on: `all`, `1.8.93`, `>=1.8.91,<2.3`."),
    click.option(
        "--chunks",
        metavar="LIST",
        default="",
        help="Cut answers in these ways, where a scenario allows it: `bytes;utf8;random:7`, or `all`.",
    ),
    click.option(
        "--pace",
        metavar="WORD",
        help="How fast to send chunks, where a scenario sets no pace.  [default: instant]",
    ),
)
"""The options that act without `--cassette` only."""
