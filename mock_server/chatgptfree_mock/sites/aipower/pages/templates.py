"""
The Jinja templates of the pages: everything is escaped, and an undefined name is an error.

A folder of a user's own can hold templates of the same names.  Such a template replaces the one that ships, or extends
it as ``shipped/<name>`` and replaces some of its blocks.  A name that begins with an underscore is a partial,
for the others to include.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    nodes,
)
from markupsafe import Markup

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean

FOLDER: Final = Path(__file__).parent.parent / "templates"
SHIPPED: Final = "shipped"
_ENDING: Final = ".j2"


class Templates:
    """
    The templates that ship, behind those in *folders*; of several folders the first that has a template counts.

    Raises:
        SettingsError: a folder is not there, or a template in it cannot be used: it has an unknown name, a mistake, or
            a block that the template which it extends does not have.
    """

    def __init__(self, folders: Sequence[Path] = ()) -> None:
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
            for file in _templates_in(folder):
                self._check(file, file.relative_to(folder).as_posix())

    def render(self, name: str, /, **values: Any) -> Markup:
        """
        Render the template *name* with *values*; it is compiled once.

        Raises:
            SettingsError: a template of the user's own uses an undefined value.
        """
        try:
            return verbatim(self._environment.get_template(name).render(values))
        except TemplateError as exc:
            if not self._own:
                raise
            raise SettingsError(f"the template {name} of {_listed(self._own)} cannot be rendered: {exc}") from exc

    def _check(self, file: Path, name: str) -> None:
        known = [path.name for path in sorted(FOLDER.glob(f"*{_ENDING}"))]
        if name not in known and not name.startswith("_"):
            hint = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise SettingsError(f"{file}: no page has a template of that name{hint}")
        try:
            tree = self._environment.parse(file.read_text(encoding="utf-8"))
            self._environment.get_template(name)
        except TemplateSyntaxError as exc:
            raise SettingsError(f"{file}, line {exc.lineno}: {exc.message}") from exc
        except (TemplateError, OSError, UnicodeDecodeError) as exc:
            raise SettingsError(f"{file}: {exc}") from exc
        extended = [each.template for each in tree.find_all(nodes.Extends)]
        parents = [str(each.value) for each in extended if isinstance(each, nodes.Const)]
        blocks = {block.name: block.lineno for block in tree.find_all(nodes.Block)}
        for parent in parents:
            self._check_blocks(file, parent, blocks)

    def _check_blocks(self, file: Path, parent: str, blocks: dict[str, int]) -> None:
        try:
            known = list(self._environment.get_template(parent).blocks)
        except TemplateError as exc:
            hint = f" (the one that ships is `{SHIPPED}/{file.name}`)"
            raise SettingsError(f"{file}: it extends `{parent}`, which is not there{hint}") from exc
        for name, line in blocks.items():
            if name not in known:
                hint = did_you_mean(name, known) or f"; there are {', '.join(known) or 'none'}"
                raise SettingsError(f"{file}, line {line}: `{parent}` has no block `{name}`{hint}")


def _templates_in(folder: Path) -> Iterator[Path]:
    found = sorted(folder.rglob(f"*{_ENDING}")) if folder.is_dir() else []
    if not found:
        raise SettingsError(f"{folder}: no template is in there, which would be a file such as page.html{_ENDING}")
    yield from found


def _listed(folders: Sequence[Path]) -> str:
    return ", ".join(map(str, folders))


@cache
def shipped_templates() -> Templates:
    """Return the templates that ship, compiled once per process."""
    return Templates()


def verbatim(text: str) -> Markup:
    """Return *text* as what templates print without escaping it: it was escaped the way PHP does."""
    return Markup(text)  # noqa: S704 - that is what this function is for
