"""The least that the same reading can cost: bare Flask, statements by hand, one Jinja table.

No signing in, no forms, no languages; the rows of our page, and filler up to its size.
"""

from typing import Any

import sqlalchemy as sa
from flask import Flask, render_template_string, request

from crm.core.db import tune_sqlite
from tests.bench.pages import WITH_OWN_DATES, Page, pages_of

TABLE = """<!doctype html><html lang="sv"><head><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>
{% endfor %}</tr>{% endfor %}</table></body></html>"""


def create_app(url: str) -> Flask:
    """The limit app over the same database."""
    app = Flask("limit")
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        tune_sqlite(engine, lambda _connection: "DEFERRED")

    def view(page: Page) -> Any:
        statements = [sa.text(statement) for statement in page.least(engine.dialect.name)]

        def show() -> str:
            rows: list[Any] = []
            with engine.connect() as connection:
                for statement in statements:
                    rows += connection.execute(statement).all()
            html = render_template_string(TABLE, title=page.name, rows=rows)
            return html + "x" * (request.args.get("weight", 0, int) - len(html))

        return show

    with engine.connect() as connection:
        measured = [*pages_of(connection), *WITH_OWN_DATES]
    for page in measured:
        app.add_url_rule(f"/{page.key}", page.key, view(page))
    app.add_url_rule("/sign-in", "sign_in", lambda: "ready")
    return app
