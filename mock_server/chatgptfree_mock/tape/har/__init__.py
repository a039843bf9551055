"""HAR files: import from every browser's developer tools, and export."""
