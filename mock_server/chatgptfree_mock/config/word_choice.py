"""The type of an option or argument that is one of a few words; a mistyped word gets a suggestion."""

from __future__ import annotations

from typing import Any

import click

from chatgptfree_mock.suggestion import did_you_mean


class WordChoice(click.Choice[str]):
    """A `click.Choice` whose message also names the nearest word."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Return the message for a *value* that is not one of them."""
        sentence = super().get_invalid_choice_message(value, ctx)
        return f"{sentence.removesuffix('.')}{did_you_mean(str(value), map(str, self.choices))}"


class NamedWordChoice(WordChoice):
    """A choice of words, each of which may have a name: `WORD` or `WORD@NAME`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return *value* if its word is one of them."""
        word, at, name = str(value).partition("@")
        return f"{super().convert(word, param, ctx)}{at}{name}"
