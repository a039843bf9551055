"""WPAICG, the chat plugin from 1.8.79 to 2.2."""
