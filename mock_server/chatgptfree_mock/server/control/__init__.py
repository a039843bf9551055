"""
The control API below ``/__mock__/api/``: sites, settings, delivery, clock, journal, live streams, releases, scenarios.

``openapi.json`` beside this package describes it, and is served with the schema of the settings inserted.  All other
calls need the server's token, a name of the server in ``Host``, and, with a body, ``Content-Type: application/json``:
no web page, not even one that the mock serves, can use it without its reader's knowledge.  Errors are ``{"error":
"…"}`` with 400, 401, 403, 404, 409 or 415.
"""

from chatgptfree_mock.server.control.document import document
from chatgptfree_mock.server.control.keys import ACCESS, API, CHANGES, SCENARIO_SITES, SITES
from chatgptfree_mock.server.control.routes import routes

__all__ = ["ACCESS", "API", "CHANGES", "SCENARIO_SITES", "SITES", "document", "routes"]
