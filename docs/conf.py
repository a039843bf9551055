"""How Sphinx builds the documentation: ``tox -e docs`` writes it to docs/_build/html, without the internet."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for reference_pages

project = "chatgptfree"
release = metadata.version("chatgptfree")
extensions = ["myst_parser", "reference_pages"]
myst_enable_extensions = ["attrs_inline", "deflist"]
myst_heading_anchors = 4
exclude_patterns = ["_build"]
nitpicky = True
smartquotes = False  # or `--option` becomes a dash

html_theme = "furo"
html_title = "chatgptfree"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False  # LICENSE has it
html_favicon = "pictures/favicon.svg"
html_static_path = ["styles"]
html_css_files = ["tables.css"]
html_show_search_summary = False  # it would fetch the pages, which a browser refuses for files
