"""The page templates that a user's own can replace, from the templates that ship."""

from __future__ import annotations

import re
from typing import Final

from jinja2 import Environment, meta, nodes

from chatgptfree_mock.sites.aipower.pages.template_check import FOLDER, shipped_names
from reference_pages.markdown import code, prose, term

_MEANING: Final = re.compile(r"\{# (.+?) #\}")


def of_pages() -> str:
    """Return every template with its blocks and the values that it is given."""
    return "\n".join(_entry(name) for name in shipped_names())


def _entry(name: str) -> str:
    text = (FOLDER / name).read_text(encoding="utf-8")
    tree = Environment(autoescape=True).parse(text)
    blocks = [block.name for block in tree.find_all(nodes.Block)]
    values = sorted(meta.find_undeclared_variables(tree))
    meaning = _MEANING.match(text)
    return term(
        name,
        [
            prose(meaning[1]) if meaning else "",
            f"Blocks: {_listed(blocks)}." if blocks else "It has no blocks, so it is replaced as a whole.",
            f"Values: {_listed(values)}." if values else "",
        ],
        anchor="template-" + name.partition(".")[0].replace("_", "-"),
    )


def _listed(names: list[str]) -> str:
    return ", ".join(map(code, names))
