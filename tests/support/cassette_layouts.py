"""The forms and layouts in which other programs write the same cassette."""

from collections.abc import Callable
from typing import Any

import yaml

from chatgptfree_mock.tape.model import Cassette
from chatgptfree_mock.tape.yaml.writing import write

LAYOUTS: dict[str, Callable[[Cassette], str]] = {
    "our own": write,
    "vcrpy's": lambda cassette: yaml.dump(as_vcrpy(cassette)),
    "unsorted, wide": lambda cassette: yaml.safe_dump(as_vcrpy(cassette), sort_keys=False, width=999),
    "all flow": lambda cassette: yaml.safe_dump(as_vcrpy(cassette), default_flow_style=True),
    "libyaml's, indented": lambda cassette: yaml.dump(as_vcrpy(cassette), Dumper=yaml.CDumper, indent=4),
    "double quotes": lambda cassette: yaml.safe_dump(as_vcrpy(cassette), default_style='"'),
    "literal": lambda cassette: yaml.safe_dump(as_vcrpy(cassette), default_style="|"),
    "folded": lambda cassette: yaml.safe_dump(as_vcrpy(cassette), default_style=">"),
}
JSON_LAYOUTS: dict[str, dict[str, Any]] = {
    "vcrpy's": {"indent": 4},
    "one line": {},
    "compact": {"separators": (",", ":")},
    "tabs": {"indent": "\t", "ensure_ascii": False},
}


def as_vcrpy(cassette: Cassette) -> Any:
    data: Any = yaml.load(write(cassette), Loader=yaml.CSafeLoader)
    return data
