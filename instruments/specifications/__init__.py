"""Makers' specifications as data: what a table says, where it was read, and the limits that follow from it."""

from instruments.specifications.read import (
    Figure,
    Limit,
    NoSpecification,
    OutsideRanges,
    Range,
    Specification,
    SpecificationError,
    limits,
    list_specifications,
    load_specification,
    read_specification,
)

__all__ = [
    "Figure",
    "Limit",
    "NoSpecification",
    "OutsideRanges",
    "Range",
    "Specification",
    "SpecificationError",
    "limits",
    "list_specifications",
    "load_specification",
    "read_specification",
]
