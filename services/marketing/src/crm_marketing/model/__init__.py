"""Segments, campaigns and messages: rules that need no database."""
