"""Answer for a site under its own host name: a forward proxy with CONNECT, and a CA that exists only for the run."""
