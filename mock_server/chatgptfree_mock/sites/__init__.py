"""Site packs: what can be imitated, and any site at all from its recordings."""
