"""Work that waits: found by a question to the records, claimed with a lease, computed on a process pool.

Workers compute and the coordinator alone writes. A crash at any moment loses nothing and repeats nothing: what is due
is due until its result is stored, and a lease that nobody renews runs out.
"""

from .coordinator import Coordinator

__all__ = ["Coordinator"]
