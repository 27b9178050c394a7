"""The only door for JSON: what requests may carry and what answers show."""
