"""
A crash test from one recording, without a line of expectation.

What a client prints on the undisturbed replay is the truth.  `story` loads the recording, `variants` of its answer are
sent in the answer's place, and `variant_verdict` judges.
"""
