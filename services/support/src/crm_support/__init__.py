"""Support: tickets with their messages and the clock of the first response."""
