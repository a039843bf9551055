"""A client for crash tests that starts with a third of the work of one that imports urllib."""

from __future__ import annotations

FETCH = """
import socket, sys
_, _, host, path = sys.argv[1].split("/", 3)
try:
    with socket.create_connection(host.split(":")) as site:
        site.sendall(f"GET /{path} HTTP/1.0\\r\\n\\r\\n".encode())
        while site.recv(65536): pass
except OSError:
    pass
"""
"""Python that asks for the page at its first argument, whatever comes of that."""
