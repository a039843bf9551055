"""A conversation: its requests in order, its state, and the refresh of its nonce."""
