"""The founder's view: every case by municipality, each figure opening exactly its rows."""
