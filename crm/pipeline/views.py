"""Pages of pipeline."""

from flask import Blueprint

bp = Blueprint("pipeline", __name__)
