"""Decode the HTML, JSON, JavaScript, URL and base64 escapes in a text, with the way back to the source."""
