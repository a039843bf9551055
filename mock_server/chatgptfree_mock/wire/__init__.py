"""HTTP/1.1 by hand on a socket: the connection, the sender, the parser, and connections that nobody reads."""
