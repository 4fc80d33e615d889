"""Cases: what we do towards one buyer about one thing, on two tracks.

Adoption (a curious person → wide use) and procurement move independently. Waiting is a state of
its own. A case never knows of reminders; those read it from above.
"""
