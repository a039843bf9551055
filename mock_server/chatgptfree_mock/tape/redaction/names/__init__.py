"""Names: which of them have secret values, which texts under them count as values, and a project's own rules."""
