"""The journal: every request that a site got, what was decided and why, what was sent and when, and how it ended."""

from chatgptfree_mock.journal.exchange import BODY, OPEN, Exchange
from chatgptfree_mock.journal.filter import ALL, Filter
from chatgptfree_mock.journal.journal import CHUNKS, EXCHANGES, Journal

__all__ = ["ALL", "BODY", "CHUNKS", "EXCHANGES", "OPEN", "Exchange", "Filter", "Journal"]
