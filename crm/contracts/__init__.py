"""The contract register: our own contracts, other suppliers', and frameworks, with their source.

A *contract* (avtal) is with one body; `Contract.runs_until` says until when it runs as things
stand. *Options* prolong it when used. A *framework* (ramavtal) has *callers*: those that may call
off. The buyer's way to the next contract is a *procurement*, which lies above; what we do about it
is a case.
"""
