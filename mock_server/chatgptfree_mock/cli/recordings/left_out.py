"""Name on stderr what cannot be used of a recording."""

from __future__ import annotations

import click

from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.tape.model import Cassette


def naming_left_out(cassette: Cassette) -> Cassette:
    """Return *cassette* after a line on stderr for each interaction of its file that is left out."""
    for each in cassette.left_out:
        click.secho(escape(str(each)), fg="yellow", err=True)
    return cassette
