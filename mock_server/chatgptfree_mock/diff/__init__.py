"""
Drift: what changed on the wire between two recordings, in words that the author of a client understands.

Nothing here reads files, waits or asks a network: cassettes come in as values, findings go out.  What changes with
every recording (nonces, ids, hosts, texts of the model) is a variable and never a difference.
"""
