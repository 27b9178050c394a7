"""Edge, identity, customer view, console."""
