"""Ask a live site once, politely, and compare what it sends with a recording."""
