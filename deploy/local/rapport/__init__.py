"""Run the whole platform on one machine, with the standard library only."""
