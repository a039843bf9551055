"""The recordings of one release that come with the project, as a user would have them: its pages and its exchanges."""

from __future__ import annotations

from typing import Any

from tests.support.pages import recorded_pages

from chatgptfree_mock.tape.files import cassette_folder, load
from chatgptfree_mock.tape.model import Cassette, Interaction, Request, Response

HTML = (("Content-Type", "text/html; charset=UTF-8"),)


def recorded_release(release: str) -> list[Cassette]:
    """Return the recordings of *release*, the pages first; odd requests are left out."""
    pages = tuple(_page(found) for found in recorded_pages() if found["plugin"] == release)
    files = sorted((cassette_folder() / "recorded" / release).glob("[!x]*.yaml"))
    return [
        Cassette(interactions=pages, path="pages"),
        *(Cassette(interactions=load(file).interactions, path=file.stem) for file in files),
    ]


def _page(found: dict[str, Any]) -> Interaction:
    """Return a page with what was kept of it: the opening tags of its chats, its assets and its variable."""
    link = next(value for name, value in found["headers"] if name == "Link")
    scripts = [f"<script src='/wp-content/plugins/{asset}'></script>" for asset in found["assets"]]
    variables = [f"<script>{line}</script>" for line in found["wpaicgParams"]]
    body = "".join(["<html><body>", *(f"{tag}</div>" for tag in found["chat_elements"]), *scripts, *variables])
    request = Request(method="GET", uri=link[1 : link.index("/wp-json")] + "/chat/")
    return Interaction(request=request, response=Response(headers=HTML, body=body.encode()))
