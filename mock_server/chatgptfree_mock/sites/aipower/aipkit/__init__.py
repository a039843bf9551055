"""AIPKit, the chat plugin from 2.3 to 2.4.97."""
