"""The parts of the command `serve`: what its options make, and what it prints."""
