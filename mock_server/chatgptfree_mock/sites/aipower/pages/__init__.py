"""
The pages of the imitated site, as each release of the plugin prints its chats into them.

Nothing here reads a clock or makes random numbers: nonces, the visitor's address and randomness are arguments.
"""
