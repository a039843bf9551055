"""
A crash test from one recording, without a written expectation.

The client's output on the undisturbed replay is the reference output.  `played_recording` loads the recording,
`variants` of its answer are sent in place of it, and `verdict` judges the client's output.
"""
