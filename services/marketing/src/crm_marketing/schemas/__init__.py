"""JSON in and out, by resource."""
