"""The type of options that name a recording which is to be written."""

from __future__ import annotations

from typing import Any

import click

from chatgptfree_mock.config.path_type import PathParamType
from chatgptfree_mock.tape.files import HAR_SUFFIXES


class NewCassettePath(PathParamType):
    """The path of a file for a cassette; the name of a HAR is refused, since what reads a HAR could not read it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return *value* as a path; that of a HAR is a usage error."""
        if str(value).lower().endswith(HAR_SUFFIXES):
            self.fail(f"{value} would be a cassette; name it .yaml or .json (`export` makes a HAR of it)", param, ctx)
        return super().convert(value, param, ctx)
