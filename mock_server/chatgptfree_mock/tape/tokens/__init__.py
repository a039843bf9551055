"""Tokens of a recorded session: values that the site gives out and a later request sends back."""

from chatgptfree_mock.tape.tokens.finding import FoundToken, find_tokens
from chatgptfree_mock.tape.tokens.record import Token, TokenClass

__all__ = ["FoundToken", "Token", "TokenClass", "find_tokens"]
