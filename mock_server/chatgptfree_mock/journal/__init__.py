"""The journal: each request to a site with the decision, its reasons, the bytes sent with their times, and the end."""

from chatgptfree_mock.journal.exchange import BODY, OPEN, Exchange
from chatgptfree_mock.journal.filter import ALL, Filter
from chatgptfree_mock.journal.journal import CHUNKS, EXCHANGES, Journal

__all__ = ["ALL", "BODY", "CHUNKS", "EXCHANGES", "OPEN", "Exchange", "Filter", "Journal"]
