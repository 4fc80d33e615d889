import sys

from crm.app import create_app
from crm.core.config import Settings

app = create_app(Settings.from_env())

if "db" in sys.argv:  # `flask --app wsgi db …`; loading Alembic takes a server a third of its start
    from flask_migrate import Migrate

    from crm.core.db import db
    from crm.core.resources import MIGRATIONS

    Migrate(app, db, directory=str(MIGRATIONS))
