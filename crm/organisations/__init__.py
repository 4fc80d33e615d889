"""The tree of accounts: kommun, region or authority → förvaltning or nämnd → unit.

The legal body on top is called *body*; everything below one hangs in its tree. People and their
posts live in `people`; the screens that mix domains live in `overview`.
"""
