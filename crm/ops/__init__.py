"""Keeping it running: who leads among the schedulers, which jobs ran, the demonstration."""
