"""
The recording proxy: it stands between a client and one real site, lets every piece through at once, and writes it down.

`reading` is pure; `relay` carries one exchange, `deck` owns the file, `proxy` joins them.
"""
