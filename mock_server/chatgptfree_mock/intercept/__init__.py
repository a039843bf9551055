"""Stand in for a site under its own name: a forward proxy with CONNECT, and a CA that lives as long as the run."""
