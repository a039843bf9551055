"""Texts: fast search for bytes and literals, decoded views of a text with the way back, and what a found secret is."""
