"""Configuration files: the project's table in pyproject.toml, and the settings of a site."""
