"""Tokens of a recorded session: values that the site gives out and a later request sends back."""
