"""What the laboratory keeps: typed models, one module an aggregate, the engine, and the series of numbers.

Tables marked append-only refuse UPDATE, DELETE, REPLACE and TRUNCATE by triggers that the migrations create.
"""

from .base import APPEND_ONLY, Base, UtcTime, append_only_tables
from .certificates import Certificate, CertificateEvent, CertificateStatus, Document, Signature
from .chain import AuditEntry, AuditHead
from .exchange import IdempotencyKey, ImportBatch, LegacyCertificate, Notice, SearchGram
from .fees import Fee, Invoice, Tariff
from .industry import ChainParameter
from .legal import CatalogueEntry, CompulsoryEntry, GateEvidence, GateRule
from .measurement_standards import MeasurementStandard, StandardEquipment, StandardEvent, StandardTest
from .month_counts import MonthCount
from .orders import (
    Batch,
    Booking,
    HandOver,
    ItemEvent,
    Provider,
    Rating,
    ServiceRequest,
    ServiceRequestLine,
    SiteVisit,
    WorkOrder,
)
from .people import ApiToken, Authorisation, Person, PersonRole, SecondFactor, SigninAttempt, Training
from .quality import CaseEntry, ChartPoint, ControlChart, InternalAudit, ProficiencyTest, QualityCase, Risk
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
    "Batch",
    "Booking",
    "CalibrationVersion",
    "Capability",
    "CaseEntry",
    "CatalogueEntry",
    "Certificate",
    "CertificateEvent",
    "CertificateStatus",
    "ChainParameter",
    "ChartPoint",
    "CompulsoryEntry",
    "ControlChart",
    "Correction",
    "Customer",
    "Document",
    "Evaluation",
    "Fee",
    "GateEvidence",
    "GateRule",
    "HandOver",
    "IdempotencyKey",
    "ImportBatch",
    "Instrument",
    "InternalAudit",
    "Invoice",
    "ItemEvent",
    "Laboratory",
    "Lease",
    "LegacyCertificate",
    "MeasurementStandard",
    "MonthCount",
    "Notice",
    "NumberSeries",
    "Person",
    "PersonRole",
    "ProcedureVersion",
    "ProficiencyTest",
    "Provider",
    "QualityCase",
    "Rating",
    "Reading",
    "Receipt",
    "Record",
    "Remark",
    "Request",
    "RequestHold",
    "Result",
    "ResultSource",
    "Risk",
    "RunEvent",
    "SearchGram",
    "SecondFactor",
    "ServiceRequest",
    "ServiceRequestLine",
    "Signature",
    "SigninAttempt",
    "SiteVisit",
    "Source",
    "StandardEquipment",
    "StandardEvent",
    "StandardTest",
    "StoredFile",
    "Tariff",
    "Training",
    "UtcTime",
    "WorkOrder",
    "append_only_tables",
]
