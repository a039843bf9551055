"""
The words of a client's command: the names in braces that are put in for each case, and what is wrong with them.

Nothing here starts a process; `command` does.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from typing import Final

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import nearest

PLACEHOLDERS: Final = ("url", "message", "timeout", "bot")
"""The names that are put into a command, where it has them in braces."""
_PLACEHOLDER: Final = re.compile(r"(?<!\$)\{([A-Za-z_]+)\}")
"""A word in braces; a shell's variables have a `$` before them."""
_MISTYPED: Final = 0.8
_SURROGATE = re.compile("[\ud800-\udfff]")


def check(command: Sequence[str], *, needs_url: bool = True) -> None:
    """
    Check that *command* can be started; *needs_url*: also that it contains `{url}`.

    Raises:
        SettingsError: it is empty, does not exist, is not valid UTF-8, or names no `{url}` although it has to.
    """
    if not command:
        raise SettingsError("no command: give it after `--`, with `{url}` and `{message}` where they belong")
    if any(_SURROGATE.search(word) for word in command):
        raise SettingsError("the command is not valid UTF-8; rename the file or change the argument")
    if shutil.which(command[0]) is None:
        raise SettingsError(f"no such command: `{command[0]}` is neither on the PATH nor an executable file")
    if needs_url and not takes(command, "url"):
        raise SettingsError(
            "the command never names `{url}`: without it the client can't find the mock; use --intercept if its "
            "address is fixed"
        )


def check_placeholders(command: Sequence[str]) -> None:
    """
    Check that no placeholder of *command* is mistyped; braces around anything else belong to the command.

    Raises:
        SettingsError: an argument is another word in braces, or one within an argument is spelled nearly like a
            placeholder.
    """
    for argument in command:
        if (whole := _PLACEHOLDER.fullmatch(argument)) and whole[1] not in PLACEHOLDERS:
            near = nearest(whole[1].lower(), PLACEHOLDERS)
            known = [near] if near else PLACEHOLDERS
            raise SettingsError(
                f"there is no placeholder `{argument}`; did you mean {' or '.join(f'`{{{name}}}`' for name in known)}?"
            )
    for word in _PLACEHOLDER.findall(" ".join(command)):
        meant = nearest(word.lower(), PLACEHOLDERS, likeness=_MISTYPED)
        if word not in PLACEHOLDERS and meant is not None:
            raise SettingsError(f"there is no placeholder `{{{word}}}`; did you mean `{{{meant}}}`?")


def takes(command: Sequence[str], name: str) -> bool:
    """Return whether *command* contains *name* in braces."""
    return any("{" + name + "}" in word for word in command)


def fill(command: Sequence[str], values: Mapping[str, str]) -> list[str]:
    """Replace the `{names}` in *command* by *values*, but not names inside of values; other braces stay."""
    names = re.compile(r"\{(" + "|".join(map(re.escape, values)) + r")\}")
    return [names.sub(lambda found: values[found[1]], word) for word in command]
