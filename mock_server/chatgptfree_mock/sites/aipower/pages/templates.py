"""
The Jinja templates of the pages: everything is escaped, and an undefined name is an error.

A user's folder can hold templates of the same names.  Such a template replaces the built-in one, or extends it as
``shipped/<name>`` and replaces some of its blocks.  A template whose name begins with an underscore is a partial, which
others include.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import nearest_or_all

_LIBRARY: Final = "jinja2"
_UNDEFINED: Final = re.compile(r"'(\w+)' is undefined")


class Templates:
    """
    The built-in templates, and those in *folders*, which take precedence; the first folder with a template wins.

    Raises:
        SettingsError: a folder is not there, or a template in it cannot be used; see `template_check`.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        # A site starts without Jinja, which takes long to import; its first page needs it.
        from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

        from chatgptfree_mock.sites.aipower.pages.template_check import FOLDER, SHIPPED, TemplateCheck

        ships = FileSystemLoader(FOLDER)
        own = [FileSystemLoader(folder) for folder in folders]
        self._own = tuple(folders)
        self._environment = Environment(
            loader=ChoiceLoader([*own, ships, PrefixLoader({SHIPPED: ships})]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=False,
        )
        for folder in folders:
            TemplateCheck(self._environment).check(folder)

    def render(self, name: str, /, **values: Any) -> Markup:
        """
        Render the template *name* with *values*; it is compiled once.

        Raises:
            SettingsError: a template of the user's own uses an undefined value, or fails in another way.
        """
        try:
            return verbatim(self._environment.get_template(name).render(values))
        except Exception as exc:
            # A user's expressions and filters may raise anything.
            if not self._own:
                raise
            raise SettingsError(f"{self._place(exc) or name}: {_reason(exc, values)}") from exc

    def _place(self, error: Exception) -> str:
        """Return the file of the user's own, and the line in it, that was being rendered last."""
        folders = [folder.absolute() for folder in self._own]
        for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
            file = Path(frame.f_code.co_filename)
            if any(file.absolute().is_relative_to(folder) for folder in folders):
                return f"{file}, line {line}"
        return ""


def _reason(error: Exception, values: Mapping[str, Any]) -> str:
    if isinstance(error, RecursionError):
        return "it includes or calls itself without end"
    from jinja2 import TemplateNotFound

    if isinstance(error, TemplateNotFound):
        return f"there is no template `{error.name}`"
    words = " ".join(str(error).split())
    undefined = _UNDEFINED.fullmatch(words)
    if undefined is not None:
        return words + nearest_or_all(undefined[1], sorted(values))
    return f"{type(error).__name__}: {words}"


@cache
def require_library() -> None:
    """
    Check that Jinja is installed, without importing it.

    Raises:
        ModuleNotFoundError: Jinja is not installed.
    """
    if find_spec(_LIBRARY) is None:
        raise ModuleNotFoundError(f"No module named {_LIBRARY!r}", name=_LIBRARY)


@cache
def shipped_templates() -> Templates:
    """Return the templates that ship, compiled once per process."""
    return Templates()


def verbatim(text: str) -> Markup:
    """Mark *text* as escaped already (the way PHP does it), so that templates print it unchanged."""
    return Markup(text)  # noqa: S704 - that is what this function is for
