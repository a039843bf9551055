"""Ask a live site once, with consideration for its owner, and compare its responses with a recording."""
