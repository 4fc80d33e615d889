"""One index over everything that has a name. It knows nothing of organisations or people."""
