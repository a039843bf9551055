"""
The model's API behind the plugin, as the plugin's curl sees it.

A `Call` says what the plugin asks and how the API is set to behave; `ask` gives the `Upstream` it gets: status, headers
and the reads in which the body arrives.  What the plugin makes of them is its own business: generation 1 passes the
bytes on, generation 2 reads them and writes events of its own.  Nothing here waits, and the same call always gives the
same bytes.
"""

from chatgptfree_mock.sites.model_api.assistant import thread_id
from chatgptfree_mock.sites.model_api.responses import response_id
from chatgptfree_mock.sites.model_api.upstream import Api, Call, Failure, Upstream
from chatgptfree_mock.sites.model_api.wire import ask, body_of, pieces_of

__all__ = ["Api", "Call", "Failure", "Upstream", "ask", "body_of", "pieces_of", "response_id", "thread_id"]
