"""One answer: from the bytes of a response to text, a finish reason, warnings or an error."""
