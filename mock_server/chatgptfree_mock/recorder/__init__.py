"""
The recording proxy: it relays every chunk between a client and one real site at once, and records it.

`http1_parser` is pure; `relay` relays one exchange, `cassette_file` owns the file, `proxy` joins them.
"""
