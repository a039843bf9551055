"""Generation 1 of the chat plugin: WPAICG, 1.8.79 to 1.9.18."""
