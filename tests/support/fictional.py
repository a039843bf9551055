"""A fictional release of the plugin, as a user would write it down."""

from __future__ import annotations

from pathlib import Path

from tests.support.releases import BASE_RELEASE

NAME = "92.5.0"
FILE = f"""\
# An attribute is renamed, the nonce is in another key, an event comes before the text.
base: {BASE_RELEASE}
date: 2026-12-24
source: recorded
page:
  renamed: {{data-config: data-settings}}
  dropped: [nonce]
  added:
    - {{name: auth, value: {{token: "{{nonce}}"}}, after: theme}}
texts:
  changed: {{sendMessage: Send it}}
events:
  added:
    - {{name: session_info, data: {{model: gpt-6}}, before: text}}
wording:
  Message not found in cache.: Nothing is waiting under this key.
"""
"""At most 25 lines, by the wish of whoever has to write one."""


def write(folder: Path) -> Path:
    """Write the release into *folder*, and return its file."""
    file = folder / f"{NAME}.yaml"
    file.write_text(FILE)
    return file
