"""Style sheets and scripts under names that change with their content; headers that keep pages safe."""

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, request
from secure import (
    ContentSecurityPolicy,
    CrossOriginOpenerPolicy,
    ReferrerPolicy,
    Secure,
    StrictTransportSecurity,
    XContentTypeOptions,
    XFrameOptions,
)

_OWN = Path(__file__).parent / "static"
_VENDOR = Path(__file__).parents[1] / "static" / "vendor"
_FOR_A_YEAR = "public, max-age=31536000, immutable"


def install(app: Flask, console: Blueprint, *, hsts_seconds: int) -> None:
    """Let templates ask `own("board.css")` and `vendor("htmx.js")`; None when it is not there."""
    own, vendor = _own(), _vendor()
    context: dict[str, Any] = {"own": own.__getitem__, "vendor": vendor.get}
    console.context_processor(lambda: context)
    headers = _headers(hsts_seconds=hsts_seconds)

    def keep_safe(response: Response) -> Response:
        headers.set_headers(response)
        if response.status_code == 200 and request.args.get("v"):
            response.headers["Cache-Control"] = _FOR_A_YEAR
        return response

    def keep_vendor(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            response.headers["Cache-Control"] = _FOR_A_YEAR
            response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    console.after_request(keep_safe)
    app.after_request(keep_vendor)


def _own() -> dict[str, str]:
    """Return each of our files' URL, with a part of its hash."""
    return {
        file.name: f"/static/console/{file.name}?v={_print(file)}"
        for file in sorted(_OWN.iterdir())
        if file.is_file()
    }


def _print(file: Path) -> str:
    """Scripts import each other, so that their names share one hash."""
    files = sorted(_OWN.glob("*.js")) if file.suffix == ".js" else [file]
    return hashlib.sha256(b"\0".join(each.read_bytes() for each in files)).hexdigest()[:10]


def _vendor() -> dict[str, str]:
    manifest = _VENDOR / "manifest.json"
    names = json.loads(manifest.read_text()) if manifest.exists() else {}
    return {logical: f"/static/vendor/{name}" for logical, name in names.items()}


def _headers(*, hsts_seconds: int) -> Secure:
    policy = (
        ContentSecurityPolicy()
        .default_src("'self'")
        .img_src("'self'", "data:")
        .object_src("'none'")
        .base_uri("'none'")
        .frame_ancestors("'none'")
        .form_action("'self'")
    )
    return Secure(
        csp=policy,
        coop=CrossOriginOpenerPolicy().same_origin(),
        hsts=StrictTransportSecurity().max_age(hsts_seconds) if hsts_seconds else None,
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
        xfo=XFrameOptions().deny(),
    )
