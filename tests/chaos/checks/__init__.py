"""What must hold after faults: each check returns the broken promises it found, in words."""
