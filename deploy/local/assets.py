#!/usr/bin/env python3
"""Fetch the console's assets again: `make assets`."""

import sys

from rapport import assets
from rapport.command import say
from rapport.failure import Failure

if __name__ == "__main__":
    try:
        assets.ensure(always=True)
    except Failure as failure:
        say(f"FAILED: {failure.what}\n  what to do: {failure.advice}")
        sys.exit(1)
