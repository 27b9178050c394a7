"""The one error of a local run: what failed, and what to do about it."""


class Failure(Exception):
    """A step could not be done; `advice` says what a person can do now."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
