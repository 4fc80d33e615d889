"""A world with one of everything, for tests that visit every address."""

import pytest
from flask import Flask

from crm.core.db import db
from tests.support.world import World, build


@pytest.fixture
def world(app: Flask) -> World:
    made = build(app)
    db.session.commit()
    return made
