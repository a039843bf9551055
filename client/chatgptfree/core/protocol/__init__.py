"""Bytes of HTTP and of an event stream: heads, codings, characters, lines, events, and the address of a site."""
