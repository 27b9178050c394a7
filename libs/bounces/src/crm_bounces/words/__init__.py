"""What mail systems say, by reason."""
