"""What contacts can be asked: commands and the functions that do them."""
