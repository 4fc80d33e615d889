"""Pages of interest."""

from flask import Blueprint

bp = Blueprint("interest", __name__)
