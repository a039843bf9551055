"""Decoding: what a text reads like once its HTML, JSON, JavaScript, URL and base64 is decoded, and the way back."""
