"""A crash test of scenarios: `plan` selects the cases, `runner` runs them, and `verdict` judges the client's output."""
