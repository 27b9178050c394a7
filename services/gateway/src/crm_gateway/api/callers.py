"""What each caller may ask: at once, in a while, and somebody with all their keys together."""

from flask import Response
from limits import parse

from crm_chassis.auth import Principal
from crm_chassis.web import problem_response
from crm_gateway.api.windows import Elsewhere, Window, Windows
from crm_gateway.model import TooManyRequests

_BURST_SECONDS, _BURST_PART, _LEAST_BURST = 1, 10, 100
_REMEMBERED = 10_000
_CALLER = 1  # where it stands among a caller's windows


class Callers:
    """Counts a request against all that limits its caller; safe to share between threads."""

    def __init__(
        self, counted: Windows | Elsewhere, rate: str, *, whole: str | None = None
    ) -> None:
        """`rate` (like `6000/minute`) for each key and session's person, a tenth of it in a second.

        `whole` for a person with all their keys; twice the rate where it is not given.
        """
        item = parse(rate)
        amount, seconds = item.amount, item.get_expiry()
        burst = min(amount, max(amount // _BURST_PART, _LEAST_BURST))
        all_of = parse(whole) if whole else None
        self._counted = counted
        self._rates = {
            "burst": (burst, _BURST_SECONDS),
            "caller": (amount, seconds),
            "whole": (all_of.amount, all_of.get_expiry()) if all_of else (2 * amount, seconds),
        }
        self._known: dict[str, list[Window]] = {}
        shown = {name: self._rates[name] for name in ("caller", "burst", "whole")}
        self.policy = ", ".join(
            f'{most};w={window};comment="{name}"' for name, (most, window) in shown.items()
        )

    def takes(self, who: Principal | str) -> bool:
        """Count a request; say whether it is within every limit of who asks.

        What one key asks too much is not counted against its person, whose other keys go on.
        """
        return self._counted.take(self._of(who))

    def headers(self, who: Principal | str) -> dict[str, str]:
        """Return the RateLimit headers of an answer: of what is used up, else of the caller's."""
        windows = self._of(who)
        left = self._counted.left(windows)
        shown = next((n for n, (most, _) in enumerate(left) if most == 0), _CALLER)
        return {
            "RateLimit-Policy": self.policy,
            "RateLimit-Limit": str(windows[shown][1]),
            "RateLimit-Remaining": str(left[shown][0]),
            "RateLimit-Reset": str(left[shown][1]),
        }

    def refusal(self, who: Principal | str) -> Response:
        """Return the answer to a request too many."""
        response = problem_response(TooManyRequests())
        response.headers["Retry-After"] = str(max(int(self.headers(who)["RateLimit-Reset"]), 1))
        return response

    def _of(self, who: Principal | str) -> list[Window]:
        """Return the windows of a caller; an address is one, without a person."""
        actor = who if isinstance(who, str) else who.actor
        found = self._known.get(actor)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            named = [("burst", actor), ("caller", actor)]
            if not isinstance(who, str) and who.user_id is not None:
                named.append(("whole", str(who.user_id)))
            found = [(f"{name}/{of}", *self._rates[name]) for name, of in named]
            self._known[actor] = found
        return found
