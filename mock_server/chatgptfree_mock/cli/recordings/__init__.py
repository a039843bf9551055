"""The recordings that the arguments of commands name."""
