"""
Undo a release's renaming of keys in streams, for comparisons.

Streams are compared by known keys: the message of an error counts, a text under an unknown key does not.  So renamed
keys get their original names before streams are compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec.structs import replace

from chatgptfree_mock.sites.aipower.learning.exchanges import is_stream
from chatgptfree_mock.sites.aipower.releases import PluginRelease
from chatgptfree_mock.sites.aipower.releases.event_format import TEXT
from chatgptfree_mock.tape.json_value import json_or_none
from chatgptfree_mock.tape.model import Response
from chatgptfree_mock.variants.event_blocks import Block, join_blocks, split_blocks


def with_original_keys(response: Response, release: PluginRelease) -> Response:
    """Return *response*, of a site on *release*, with its events' original keys; the same one if none is renamed."""
    keys = {
        release.events.names.get(event, "" if event == TEXT else event): {new: old for old, new in renamed.items()}
        for event, renamed in release.events.keys.items()
    }
    if not keys or not is_stream(response):
        return response
    blocks = split_blocks(response.body)
    body = join_blocks(_with_keys(block, keys.get(block.event.decode(errors="replace"), {})) for block in blocks)
    return replace(response, body=body, chunks=(), raw=None, raw_chunks=())


def _with_keys(block: Block, original: Mapping[str, str]) -> Block:
    value = json_or_none(block.data)
    if not original or not isinstance(value, dict):
        return block
    data = json.dumps({original.get(key, key): item for key, item in value.items()}, ensure_ascii=False)
    lines = (replace(line, text=b"data: " + data.encode()) if line.field == b"data" else line for line in block.lines)
    return Block(tuple(lines))
