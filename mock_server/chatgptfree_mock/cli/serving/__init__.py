"""Parts of the commands `serve` and `record`: options, what is printed, and a client that runs beside the server."""
