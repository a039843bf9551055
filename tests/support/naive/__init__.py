"""A decent client that can be given the bad habits of real ones; see `habits` for the list."""
