"""What marketing can be asked, by aggregate."""
