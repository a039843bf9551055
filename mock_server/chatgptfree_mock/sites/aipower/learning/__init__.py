"""Learn a release from a recording: what differs from the nearest one that is known, written as a release file."""
