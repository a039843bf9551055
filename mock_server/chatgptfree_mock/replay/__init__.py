"""Replay: schedules of responses, with their cuts, pace and faults.  Nothing here waits or writes."""
