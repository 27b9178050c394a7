"""Every SELECT of contacts, one named function each."""
