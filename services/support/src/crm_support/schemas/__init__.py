"""The only door for JSON: shapes in, which build commands, and shapes out, which document."""
