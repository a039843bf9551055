"""One module per wire generation of the site: how to ask, and how to read what comes back."""
