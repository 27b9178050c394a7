"""Every SELECT of the gateway."""
