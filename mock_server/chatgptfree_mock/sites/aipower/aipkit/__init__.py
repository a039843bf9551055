"""Generation 2 of the chat plugin: AIPKit, 2.3 to 2.4.97."""
