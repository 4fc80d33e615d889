"""What the authority does about buying: its procurements, and their plans in dated milestones.

A *procurement* (upphandling) is the body's; our *cases* take part in it, and several may. It has a
*plan*: a route laid out as *milestones*, each the day on which a stage begins. Another route is
another plan, and the old one stays in the history. We inform; the authority decides.
"""
