"""The releases of the plugin as data: when each came out, and what it does on the wire."""
