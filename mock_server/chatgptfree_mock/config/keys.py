"""The keys of `[tool.chatgptfree_mock]`; pytest needs them even where no extra is installed."""

from __future__ import annotations

from typing import Final

SETTINGS: Final = {
    "pack": "the site pack, unless a command, test, settings file or scenario names one",
    "plugin": "the plugin's release, unless a command, test, settings file, recording or scenario names one",
    "chunks": "how answers are cut, unless a command, test or scenario sets it",
    "pace": "how fast answers come, unless a command, test or scenario sets it: recorded, instant, x4 …",
    "scenarios": "folders of scenarios besides those that ship, one a line, relative to the project",
    "releases": "files and folders of releases of your own, one a line, relative to the project",
    "templates": "folders of page templates of your own, one a line, relative to the project",
    "strict_release": "whether a release that is not known is an error: true, false",
    "match_on": "what must fit for a recording to answer: method, path, query, body, json, field:NAME …",
    "volatile": "fields, patterns and JSON paths of requests that are not compared with recordings",
    "on_miss": "what happens to a request that no recording fits: refuse, same-path, nearest",
    "repeat": "whether a recording may be played more than once: true, false",
    "rewrite": "where the recorded site's own addresses are rewritten: pages, all, off",
    "tokens": "how tokens of recordings are minted and demanded (x-tokens): on, off, expired, missing@NAME …",
}
"""The keys of the table, and what they mean."""
PATHS: Final = frozenset({"scenarios", "releases", "templates"})
"""The keys whose values are files and folders."""
SWITCHES: Final = frozenset({"strict_release", "repeat"})
"""The keys whose values are true or false."""
REPLAY: Final = ("match_on", "volatile", "on_miss", "repeat", "rewrite", "tokens")
"""The keys for recordings."""
RECORD_OPTION: Final = "--chat-record"
"""The option of pytest that decides what tests record."""
RECORD_MODES: Final = ("none", "once", "new_episodes", "all")
"""The words of that option; see `recorder.mode` for their meaning."""
