"""What the laboratory refuses, each in one sentence with its facts.

LimsError
├── SettingError
│   ├── UnknownSetting            (KeyError)
│   └── UnusableSetting           (ValueError)
├── NotAllowed                    (PermissionError)
├── WrongPassword                 (PermissionError)
│   └── WrongCode
├── SignInLocked                  (PermissionError)
├── NotFound                      (LookupError)
├── UnusableValue                 (ValueError)
│   └── UnusableText
├── WrongState
├── StaleEdit
├── KeyInUse
├── RunStillGoing
├── GateClosed
│   ├── NotAuthorised
│   ├── StandardNotValid
│   ├── StandardDoesNotCover
│   ├── PerformerVerifies
│   ├── PerformerApproves
│   └── VerifierApproves
├── RecordIncomplete
│   └── NotEnoughReadings
├── LintRefused
├── TraceabilityMissing
├── SourceConflict
├── DccNotValid
├── NaiveTime                     (ValueError)
├── DatabaseNotReady
│   ├── NoLaboratory
│   └── DatabaseNewer
├── DatabaseUnreachable
└── ChainBroken

A fact is str, int, float, date, datetime, Decimal, or a bilingual text {"zh", "en"}; in a sentence the language's half
is used. Facts listed in `terms` are words of the trade, translated too where the catalogue knows them.
`exit_code`: 1 the answer is no, 2 the input is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


def in_english(fact: object) -> object:
    """The English half of a bilingual fact, any other fact as it is."""
    return fact["en"] if isinstance(fact, Mapping) and "en" in fact else fact


class LimsError(Exception):
    """Root of what lims raises."""

    code: ClassVar[str] = "lims"
    sentence: ClassVar[str] = "The laboratory system could not do this."
    terms: ClassVar[tuple[str, ...]] = ()
    exit_code: ClassVar[int] = 2

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        self.__dict__.update(facts)
        super().__init__(self.sentence.format(**{name: in_english(fact) for name, fact in facts.items()}))

    def __reduce__(self) -> tuple[object, ...]:
        """Errors of a worker process come back with their facts."""
        return _again, (type(self), self.facts)

    def __str__(self) -> str:  # KeyError would quote its message
        return str(self.args[0]) if self.args else self.sentence


def _again(kind: type[LimsError], facts: dict[str, object]) -> LimsError:
    return kind(**facts)


class SettingError(LimsError):
    """Root of what is wrong with the settings."""

    code: ClassVar[str] = "setting"
    sentence: ClassVar[str] = "The settings cannot be used."


class UnknownSetting(SettingError, KeyError):
    code: ClassVar[str] = "unknown_setting"
    sentence: ClassVar[str] = "{setting} in {place} is not a setting; the nearest ones are: {nearest}."


class UnusableSetting(SettingError, ValueError):
    code: ClassVar[str] = "unusable_setting"
    sentence: ClassVar[str] = "{setting} in {place} is {found}; it has to be {right}."
    terms: ClassVar[tuple[str, ...]] = ("right",)


class NotAllowed(LimsError, PermissionError):
    code: ClassVar[str] = "not_allowed"
    sentence: ClassVar[str] = (
        "{username} has no right to do this ({right}); ask the administrator for a role that has it."
    )
    terms: ClassVar[tuple[str, ...]] = ("right",)
    exit_code: ClassVar[int] = 1


class WrongPassword(LimsError, PermissionError):
    code: ClassVar[str] = "wrong_password"
    sentence: ClassVar[str] = "The name or the password is wrong; check both and try again."
    exit_code: ClassVar[int] = 1


class WrongCode(WrongPassword):
    code: ClassVar[str] = "wrong_code"
    sentence: ClassVar[str] = "The code is wrong or has been used already; wait for the next one and try again."


class SignInLocked(LimsError, PermissionError):
    code: ClassVar[str] = "sign_in_locked"
    sentence: ClassVar[str] = (
        "Sign-in as {username} is locked until {until} after {failures} failed attempts; try again then."
    )
    exit_code: ClassVar[int] = 1


class NotFound(LimsError, LookupError):
    code: ClassVar[str] = "not_found"
    sentence: ClassVar[str] = "There is no {kind} {number}; check the number."
    terms: ClassVar[tuple[str, ...]] = ("kind",)


class UnusableValue(LimsError, ValueError):
    code: ClassVar[str] = "unusable_value"
    sentence: ClassVar[str] = "{field}: {found} cannot be used; it has to be: {right}."
    terms: ClassVar[tuple[str, ...]] = ("field", "right")


class UnusableText(UnusableValue):
    """A text that no database keeps: it holds the character NUL, or half of a character."""

    code: ClassVar[str] = "unusable_text"
    sentence: ClassVar[str] = (
        "The text {found} holds a character that cannot be kept (position {position}); type it again."
    )


class WrongState(LimsError):
    code: ClassVar[str] = "wrong_state"
    sentence: ClassVar[str] = (
        "{kind} {number} is {state} and cannot become {wanted}; from here it can become: {allowed}."
    )
    terms: ClassVar[tuple[str, ...]] = ("kind", "state", "wanted", "allowed")
    exit_code: ClassVar[int] = 1


class StaleEdit(LimsError):
    """Two people edit one thing: the second is told, and nothing is overwritten. found, yours: versions."""

    code: ClassVar[str] = "stale_edit"
    sentence: ClassVar[str] = (
        "Somebody has changed {kind} {number} since you opened it (version {found}, you edit {yours}); "
        "nothing was overwritten: look at what it says now and save again."
    )
    terms: ClassVar[tuple[str, ...]] = ("kind",)
    exit_code: ClassVar[int] = 1


class KeyInUse(LimsError):
    """The same post is under way, or was done and its answer is lost. key: as it was sent."""

    code: ClassVar[str] = "key_in_use"
    sentence: ClassVar[str] = (
        "The request with the key {key} is under way or has been done; nothing was done again: look at what it made."
    )
    exit_code: ClassVar[int] = 1


class RunStillGoing(LimsError):
    code: ClassVar[str] = "run_still_going"
    sentence: ClassVar[str] = (
        "The run of record {record} is {state}; wait until it has ended, or abort it, and try again."
    )
    terms: ClassVar[tuple[str, ...]] = ("state",)
    exit_code: ClassVar[int] = 1


class GateClosed(LimsError):
    """A rule refuses a step; reason is the first closed gate's text, closed says how many are."""

    code: ClassVar[str] = "gate_closed"
    sentence: ClassVar[str] = "{step} is refused: {reason} ({clause}; {closed} closed in all)."
    terms: ClassVar[tuple[str, ...]] = ("step",)
    exit_code: ClassVar[int] = 1


class NotAuthorised(GateClosed):
    """ISO/IEC 17025:2017, 6.2.6."""

    code: ClassVar[str] = "not_authorised"
    sentence: ClassVar[str] = (
        "{username} is not authorised to {role} with procedure {procedure} on {day}; "
        "the technical manager grants authorisations."
    )
    terms: ClassVar[tuple[str, ...]] = ("role",)


class StandardNotValid(GateClosed):
    """A standard was used outside the period its certificate covers (ISO/IEC 17025:2017, 6.4.7, 6.5)."""

    code: ClassVar[str] = "standard_not_valid"
    sentence: ClassVar[str] = (
        "{standard} was used on {used_at}, its certificate ended on {valid_to}: "
        "recalibrate it, or cite another standard."
    )


class StandardDoesNotCover(GateClosed):
    code: ClassVar[str] = "standard_does_not_cover"
    sentence: ClassVar[str] = (
        "Certificate {certificate} of the standard {standard} does not cover {function} at {setting}: "
        "use a standard calibrated there, or leave the point out."
    )


class PerformerVerifies(GateClosed):
    code: ClassVar[str] = "performer_verifies"
    sentence: ClassVar[str] = "{username} performed record {record} and cannot verify it; another verifier has to."


class PerformerApproves(GateClosed):
    code: ClassVar[str] = "performer_approves"
    sentence: ClassVar[str] = "{username} performed record {record} and cannot approve it; another approver has to."


class VerifierApproves(GateClosed):
    code: ClassVar[str] = "verifier_approves"
    sentence: ClassVar[str] = (
        "{username} verified record {record} and cannot approve it as well; another approver has to."
    )


class RecordIncomplete(LimsError):
    code: ClassVar[str] = "record_incomplete"
    sentence: ClassVar[str] = "Record {record} has no usable reading at point {point} ({nominal}): measure it again."
    exit_code: ClassVar[int] = 1


class NotEnoughReadings(RecordIncomplete):
    code: ClassVar[str] = "not_enough_readings"
    sentence: ClassVar[str] = "{point} has {found} usable readings; at least {wanted} are needed: measure it again."


class LintRefused(LimsError):
    """A certificate lacks what ISO/IEC 17025:2017, 7.8 demands; reason is the first missing item's text."""

    code: ClassVar[str] = "lint_refused"
    sentence: ClassVar[str] = "Certificate {number} may not be issued: {reason} ({clause}; {missing} missing in all)."
    exit_code: ClassVar[int] = 1


class TraceabilityMissing(LimsError):
    """A certificate was asked for results whose standards are not declared (ISO/IEC 17025:2017, 6.5)."""

    code: ClassVar[str] = "traceability_missing"
    sentence: ClassVar[str] = (
        "Record {record} cannot yield a certificate, links to the SI are missing: {missing}. "
        "Declare the standards, or take the evaluation report."
    )
    exit_code: ClassVar[int] = 1


class DccNotValid(LimsError):
    """A DCC of ours does not fit its schema: a fault of this software, never handed out."""

    code: ClassVar[str] = "dcc_not_valid"
    sentence: ClassVar[str] = (
        "The DCC of {number} does not fit its schema and is not issued: {finding} ({count} findings)."
    )


class SourceConflict(LimsError):
    """One identity of a source stands for two uncertainties: a fault of the binding, never stored."""

    code: ClassVar[str] = "source_conflict"
    sentence: ClassVar[str] = (
        "The source {source} has u {known} in earlier results and {found} here; one source has one u."
    )


class NaiveTime(LimsError, ValueError):
    code: ClassVar[str] = "naive_time"
    sentence: ClassVar[str] = (
        "{found} has no time zone; give an instant with its offset, such as 2026-11-20T08:00:00+08:00."
    )


class DatabaseNotReady(LimsError):
    code: ClassVar[str] = "database_not_ready"
    sentence: ClassVar[str] = "The database {place} is at {found}, this version needs {wanted}: run `lims db upgrade`."


class NoLaboratory(DatabaseNotReady):
    code: ClassVar[str] = "no_laboratory"
    sentence: ClassVar[str] = "There is no laboratory at {place}; `lims demo` or `lims db upgrade` makes one there."


class DatabaseNewer(DatabaseNotReady):
    code: ClassVar[str] = "database_newer"
    sentence: ClassVar[str] = (
        "The database {place} is at {found}, which this version ({wanted}) does not know: install a newer one."
    )


class DatabaseUnreachable(LimsError):
    code: ClassVar[str] = "database_unreachable"
    sentence: ClassVar[str] = "The database {place} cannot be opened: {reason}."


class ChainBroken(LimsError):
    code: ClassVar[str] = "chain_broken"
    sentence: ClassVar[str] = "The audit chain is broken at entry {first_bad}: {why}."
    terms: ClassVar[tuple[str, ...]] = ("why",)
    exit_code: ClassVar[int] = 1
