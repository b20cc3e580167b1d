"""What every answer carries: a strict content policy and the headers beside it; and who may be here at all."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider

# Pages that anyone may see. Everything else asks for a sign-in; a test walks all routes against this list.
PUBLIC = frozenset(
    {
        "static",
        "account.sign_in",
        "second_factor.ask",
        "account.language",
        "account.theme",
        "authentic.check",
        "authentic.find",
        "health",
        "api-docs.openapi_json",
    }
)


class CalmJSON(DefaultJSONProvider):
    """JSON whose texts are no markup, should something show an answer as a page."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, **kwargs).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def nonce() -> str:
    """One word for this answer alone, for the scripts that stand in the page itself."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def policy() -> str:
    word = f"'nonce-{nonce()}'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {word}",
            f"style-src 'self' {word}",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def init_app(app: Flask) -> None:
    app.jinja_env.globals["nonce"] = nonce
    app.json = CalmJSON(app)

    @app.after_request
    def headers(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", policy())
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        answer.headers.setdefault("X-Frame-Options", "DENY")
        answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        answer.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if request.is_secure:
            answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint == "static":
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
