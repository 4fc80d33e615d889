"""Anchoring: who at the buyer is in on it, what their functions have to have done, who knows whom,
and who has agreed to be asked about us.

What we think somebody thinks is personal data about a public servant. It is shown to those who
work with the case and to nobody else, never leaves in a file, and goes when the person goes
(decision 44).
"""
