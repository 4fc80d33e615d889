"""Inbound interest: what comes to us from the buyers' own people.

An inquiry is a record of its own that *links* to person, organisation and cases. It is never
converted away, so the origin of a case can be read years later.
"""
