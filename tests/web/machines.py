"""A machine with the token of somebody, for tests of the API."""

from __future__ import annotations

from typing import Any

from flask import Flask

from lims.services import people, tokens
from tests.web import laboratory


class Machine:
    def __init__(self, app: Flask, token: str) -> None:
        self.client, self.headers = app.test_client(), {"Authorization": f"Bearer {token}"}

    def get(self, path: str, headers: dict[str, str] | None = None) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers | (headers or {}))

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Any:
        return self.client.post(f"/api/v1{path}", json=body, headers=self.headers | (headers or {}))

    def put(self, path: str, body: object, tag: str | None) -> Any:
        held = {} if tag is None else {"If-Match": tag}
        return self.client.put(f"/api/v1{path}", json=body, headers=self.headers | held)


def machine_of(app: Flask, username: str, scopes: tuple[str, ...] = ()) -> Machine:
    with app.extensions["lims_writers"]() as session:
        by = people.by_username(session, username)
        token = tokens.make(session, "test", 30, by=by, at=laboratory.AT, scopes=scopes)
        session.commit()
    return Machine(app, token)
