"""A conversation: which request comes next, what is remembered, and when the nonce is refreshed."""
