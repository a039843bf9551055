"""Any site, answered from its recordings."""
