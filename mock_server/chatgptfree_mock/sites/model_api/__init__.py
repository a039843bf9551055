"""
The model's API behind the plugin, as the responses that the plugin's curl gets.

A `ModelRequest` has the plugin's request and the settings of the API; `ask` returns the `ModelResponse`: status,
headers, and the reads in which the body arrives.  WPAICG passes those bytes on; AIPKit parses them and writes its own
events.  Nothing here waits, and the same request always gives the same bytes.
"""
