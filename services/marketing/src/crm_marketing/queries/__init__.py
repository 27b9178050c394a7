"""Every SELECT of marketing, by what it is for."""
