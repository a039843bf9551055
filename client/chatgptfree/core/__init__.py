"""The client's pure core: bytes in, values out.  Nothing here waits, reads a clock or opens a connection."""
