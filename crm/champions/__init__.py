"""Who carries the product inside a body: what they did, for whom, and how far it has spread.

Acts are dated and could be seen by anybody; a strength is worked out from them each time it is
shown, and stored nowhere.
"""
