"""The audit chain: every act of the laboratory, in one order that nobody can change unnoticed.

audit.append(session, "record.verified", "record", record.number, by=actor, at=at, after=digest)
session.commit()                        # the entries are written here, the head's row locked last
audit.verify(session).ok
"""

from .chain import append, head, last, write
from .hashing import GENESIS, hash_of
from .verification import Report, verify

__all__ = ["GENESIS", "Report", "append", "hash_of", "head", "last", "verify", "write"]
