"""What the laboratory keeps: typed models, one module an aggregate, the engine, and the series of numbers.

Tables marked append-only refuse UPDATE, DELETE, REPLACE and TRUNCATE by triggers that the migrations create.
"""

from .base import APPEND_ONLY, Base, UtcTime, append_only_tables
from .certificates import Certificate, CertificateStatus, Document, Signature
from .chain import AuditEntry, AuditHead
from .industry import ChainParameter
from .people import ApiToken, Authorisation, Person, PersonRole, SigninAttempt
from .registers import CalibrationVersion, Customer, Instrument, Laboratory, Lease, ProcedureVersion
from .results import Evaluation, Result, ResultSource, Source
from .scope import Capability
from .series import NumberSeries
from .work import Correction, Reading, Receipt, Record, Remark, Request, RequestHold, RunEvent, StoredFile

__all__ = [
    "APPEND_ONLY",
    "ApiToken",
    "AuditEntry",
    "AuditHead",
    "Authorisation",
    "Base",
    "CalibrationVersion",
    "Capability",
    "Certificate",
    "CertificateStatus",
    "ChainParameter",
    "Correction",
    "Customer",
    "Document",
    "Evaluation",
    "Instrument",
    "Laboratory",
    "Lease",
    "NumberSeries",
    "Person",
    "PersonRole",
    "ProcedureVersion",
    "Reading",
    "Receipt",
    "Record",
    "Remark",
    "Request",
    "RequestHold",
    "Result",
    "ResultSource",
    "RunEvent",
    "Signature",
    "SigninAttempt",
    "Source",
    "StoredFile",
    "UtcTime",
    "append_only_tables",
]
