"""Plumbing every service stands on; it knows no business noun."""
