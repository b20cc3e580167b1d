"""Use cases: one function each, one transaction each. The caller owns commit; time and randomness come in as arguments.

Every service checks who asks (`require`), leaves its audit entry in the same transaction, and refuses in one sentence.
"""
