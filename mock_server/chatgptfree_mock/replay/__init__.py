"""Replay: which bytes are due when, and how an answer is cut, paced and broken.  Nothing here waits or writes."""
