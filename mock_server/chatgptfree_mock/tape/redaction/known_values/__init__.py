"""A value that one exchange shows to be secret is searched in all others, however they escape or encode it."""
