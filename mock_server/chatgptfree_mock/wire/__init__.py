"""Raw HTTP/1.1 on a socket: the connection, the sender, the parser, and time-outs for clients that do not read."""
