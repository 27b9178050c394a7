"""What the gateway does in the background: nothing is reacted to yet, housekeeping runs."""


class Worker:
    """The gateway's reactions and timers."""

    name = "gateway"
