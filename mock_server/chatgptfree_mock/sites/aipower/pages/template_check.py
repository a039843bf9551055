"""
Check a user's own page templates for mistakes that can be found without rendering them.

These are: a template with a name that no page uses, a reference to a missing template, a block that the extended
template does not have, and templates that extend each other in a circle.  The message names file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateError, TemplateNotFound, TemplateSyntaxError, nodes

from chatgptfree_mock.errors import SettingsError
from chatgptfree_mock.suggestion import did_you_mean, nearest_or_all
from chatgptfree_mock.tape.folder import visible_files

FOLDER: Final = Path(__file__).parent.parent / "templates"
SHIPPED: Final = "shipped"
ENDING: Final = ".j2"
_Reference = nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport
_WORDS: Final[Mapping[type[_Reference], str]] = {
    nodes.Extends: "extends",
    nodes.Include: "includes",
    nodes.Import: "imports",
    nodes.FromImport: "imports",
}


def shipped_names() -> list[str]:
    """Return the names of the templates that ship, in alphabetical order."""
    return [path.name for path in sorted(FOLDER.glob(f"*{ENDING}"))]


class TemplateCheck:
    """Checks the templates that *environment* finds in a user's own folders."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def check(self, folder: Path) -> None:
        """
        Check every template in *folder*.

        Raises:
            SettingsError: there is no such folder, no template in it, or one of them cannot be used.
            UnreadableFileError: a folder cannot be read.
        """
        if not folder.is_dir():
            raise SettingsError(f"{folder}: no such folder of templates")
        if not any(folder.glob(f"*{ENDING}")):  # what is below may be a whole disk
            raise SettingsError(f"{folder}: no template in this folder; one is a file such as page.html{ENDING}")
        for file in (each for each in visible_files(folder) if each.name.endswith(ENDING)):
            self._check(file, file.relative_to(folder).as_posix())

    def _check(self, file: Path, name: str) -> None:
        known = shipped_names()
        if name not in known and not name.startswith("_"):
            hint = nearest_or_all(name, known)
            raise SettingsError(f"{file}: no page has a template of that name{hint}")
        try:
            tree = self._environment.parse(file.read_text(encoding="utf-8"))
            self._environment.get_template(name)
        except TemplateSyntaxError as exc:
            raise SettingsError(f"{file}, line {exc.lineno}: {exc.message}") from exc
        except (TemplateError, OSError, UnicodeDecodeError) as exc:
            raise SettingsError(f"{file}: {exc}") from exc
        for reference, wanted in _references(tree):
            self._check_reference(file, reference, wanted)
        parent = _parent(tree)
        if parent is not None:
            self._check_chain(file, name, parent)
            self._check_blocks(file, parent[0], tree)

    def _check_reference(self, file: Path, reference: _Reference, wanted: Sequence[str]) -> None:
        if any(map(self._is_there, wanted)):
            return
        missing = " or ".join(f"`{name}`" for name in wanted)
        word = _WORDS[type(reference)]
        ships = [*shipped_names(), *(f"{SHIPPED}/{name}" for name in shipped_names())]
        hint = did_you_mean(wanted[0], ships) or f"; those that ship are named `{ships[-1]}` and the like"
        raise SettingsError(f"{file}, line {reference.lineno}: it {word} {missing}, which does not exist{hint}")

    def _is_there(self, name: str) -> bool:
        loader = self._environment.loader
        try:
            return loader is not None and bool(loader.get_source(self._environment, name))
        except TemplateNotFound:
            return False

    def _check_chain(self, file: Path, name: str, parent: tuple[str, int]) -> None:
        """Check that following `extends` from *name* ends."""
        line = parent[1]
        chain, following = [name], self._parent_of(name)
        while following is not None:
            chain.append(following)
            if chain.count(following) > 1:
                base = next((each for each in chain if each in shipped_names()), "page.html.j2")
                circle = " → ".join(chain)
                hint = f"to extend the one that ships, name it `{SHIPPED}/{base}`"
                raise SettingsError(f"{file}, line {line}: it extends itself ({circle}); {hint}")
            following = self._parent_of(following)

    def _check_blocks(self, file: Path, parent: str, tree: nodes.Template) -> None:
        known = list(self._blocks_from(parent))
        for block in tree.find_all(nodes.Block):
            if block.name not in known and not _inside_block(tree, block):
                hint = nearest_or_all(block.name, known)
                raise SettingsError(f"{file}, line {block.lineno}: `{parent}` has no block `{block.name}`{hint}")

    def _blocks_from(self, name: str) -> Iterator[str]:
        """Yield the blocks of the template *name* and of all that it extends."""
        following: str | None = name
        while following is not None:
            yield from self._environment.get_template(following).blocks
            following = self._parent_of(following)

    def _parent_of(self, name: str) -> str | None:
        """Return the name of the template that *name* extends; None where it extends none, or one computed."""
        loader = self._environment.loader
        if loader is None:
            return None
        try:
            source, _, _ = loader.get_source(self._environment, name)
            parent = _parent(self._environment.parse(source))
        except TemplateError:
            return None
        return None if parent is None else parent[0]


def _references(tree: nodes.Template) -> Iterator[tuple[_Reference, list[str]]]:
    """Yield each reference to other templates, with the names in it, of which one must exist."""
    imports: list[_Reference] = [*tree.find_all(nodes.Import), *tree.find_all(nodes.FromImport)]
    for each in (*tree.find_all(nodes.Extends), *tree.find_all(nodes.Include), *imports):
        if isinstance(each, nodes.Include) and each.ignore_missing:
            continue
        names = each.template.items if isinstance(each.template, nodes.List | nodes.Tuple) else [each.template]
        fixed = [str(name.value) for name in names if isinstance(name, nodes.Const)]
        if fixed and len(fixed) == len(names):
            yield each, fixed


def _parent(tree: nodes.Template) -> tuple[str, int] | None:
    """Return the name of the extended template, with the line."""
    for each in tree.find_all(nodes.Extends):
        if isinstance(each.template, nodes.Const):
            return str(each.template.value), each.lineno
    return None


def _inside_block(tree: nodes.Template, block: nodes.Block) -> bool:
    """Return whether *block* is inside another block."""
    return any(block in other.find_all(nodes.Block) for other in tree.find_all(nodes.Block))
