"""
The differences on the wire between two recordings, in words for authors of clients.

Nothing here reads files, waits or asks a network: cassettes come in as values, findings go out.  What changes with
every recording (nonces, ids, hosts, texts of the model) is a variable and never a difference.
"""
