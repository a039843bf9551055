"""What server, scenarios and crash test know of a site: its requests and its replies."""
