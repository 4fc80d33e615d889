"""The tests, filed as the program is filed."""
