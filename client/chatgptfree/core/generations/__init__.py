"""One module per protocol of the site: it builds requests and reads their replies."""
