"""The announcement of `serve` when the site is up: lines for people, or one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click
import msgspec

from chatgptfree_mock.contract.registry import base_name
from chatgptfree_mock.control_characters import escape
from chatgptfree_mock.intercept import command_options
from chatgptfree_mock.memory_limit import in_words
from chatgptfree_mock.server import console
from chatgptfree_mock.server.server_config import ServerConfig
from chatgptfree_mock.server.site_registry import hidden_lines

if TYPE_CHECKING:
    from chatgptfree_mock.intercept.interception import Interception


class Announcement(msgspec.Struct, frozen=True, kw_only=True):
    """The facts about a server that listens at *url*."""

    url: str
    config: ServerConfig
    hidden: tuple[str, ...]
    """Recorded paths that are also paths of the mock itself."""
    interception: Interception | None = None

    def print(self, *, as_json: bool) -> None:
        """Print it to stdout."""
        click.echo(json.dumps(self.as_json()) if as_json else "\n".join(map(escape, self.lines())))

    def as_json(self) -> dict[str, Any]:
        """Return the announcement as plain data for JSON, without empty values."""
        spec, config = self.config.spec, self.config
        cassettes = len(config.cassettes)
        optional = {
            "warning": config.notice,
            "cassettes": cassettes or None,
            "left_out": list(config.notes) if cassettes else None,
            "intercept": None if self.interception is None else command_options.as_json(self.interception),
            "recorded_here": list(self.hidden) or None,
        }
        return {
            "url": self.url,
            "pack": base_name(spec.pack.name),
            "plugin": spec.release,
            "console": self._console,
            "api_token": config.api_token or "",
            **{key: value for key, value in optional.items() if value is not None},
        }

    def lines(self) -> list[str]:
        """Return the announcement as lines for people."""
        spec, config = self.config.spec, self.config
        named = f"plugin {spec.release}" if spec.pack.release_key else f"pack {base_name(spec.pack.name)}"
        return [
            f"The site on {named}: {self.url}/",
            *self.warnings,
            f"Console and journal:     {self._console}",
            f"Token of the API:        {config.api_token or ''}",
            f"Memory for journals:     {in_words(config.memory)}, then the oldest are dropped",
            *([] if self.interception is None else command_options.in_words(self.interception)),
            "Ctrl-C stops it.",
        ]

    @property
    def warnings(self) -> list[str]:
        """Return the warnings, which are printed even if the rest is not."""
        notice = [] if self.config.notice is None else [f"warning: {self.config.notice}"]
        return [*notice, *hidden_lines(self.hidden)]

    @property
    def _console(self) -> str:
        return console.address(self.url, self.config.api_token or "")
