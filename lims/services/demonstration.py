"""The demonstration laboratory: fictional people, customers, institutions and certificates, made by the same services.

Everything here says so: the profile and the issuers are marked `demonstration`, and every document printed carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from instruments.bench import demonstration_certificates
from instruments.bench.certificates import DAYS_SINCE
from lims.config import Settings
from lims.records import CalibrationVersion, Instrument
from lims.services import (
    chart_examples,
    history_examples,
    industry_examples,
    laboratory,
    measurement_standard_examples,
    measurement_standards,
    office_examples,
    people,
    procedures,
    rules,
    scope,
    standards,
)
from lims.words import both

PASSWORD = "suyuan-demo"  # noqa: S105  printed for everybody; the app refuses to leave 127.0.0.1 while it exists
PROCEDURES = ("dmm-dcv", "impedance")

PROFILE: dict[str, Any] = {
    "name": {"zh": "云岭产业计量测试中心（虚构）", "en": "Yunling Industry Metrology and Testing Centre (fictional)"},
    "address": {"zh": "云岭市溯源路 1 号（虚构）", "en": "1 Suyuan Road, Yunling (fictional)"},
    "place": {"zh": "本中心电学实验室 E-201", "en": "Electrical laboratory E-201 of this centre"},
    "code": "YL",
    "contact": "+86 000 0000 0000",
    "time_zone": "Asia/Shanghai",
    "demonstration": True,
    "verifier_apart_from_approver": True,
}
NATIONAL: dict[str, Any] = {
    "zh": "虚构国家计量院",
    "en": "Fictional National Metrology Institute",
    "demonstration": True,
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """One of the demonstration's people, and what they come for."""

    username: str
    name: Mapping[str, str]
    roles: tuple[str, ...]
    does: str


PEOPLE = (
    SignIn("tech", {"zh": "林溪", "en": "Lin Xi"}, ("technician",), "technician"),
    SignIn("verifier", {"zh": "周衡", "en": "Zhou Heng"}, ("verifier",), "verifier"),
    SignIn("approver", {"zh": "沈准", "en": "Shen Zhun"}, ("approver",), "approver"),
    SignIn("customer", {"zh": "𠮷田 远", "en": "Ji Tianyuan"}, ("customer",), "customer"),
    SignIn("customer2", {"zh": "何蓝", "en": "He Lan"}, ("customer",), "customer"),
    SignIn("auditor", {"zh": "顾源", "en": "Gu Yuan"}, ("auditor",), "auditor"),
    SignIn(
        "keeper", {"zh": "秦标", "en": "Qin Biao"}, ("standards_keeper", "reception"), "keeper of standards, reception"
    ),
    SignIn("manager", {"zh": "方衡", "en": "Fang Heng"}, ("technical_manager",), "technical manager"),
    SignIn("quality", {"zh": "白质", "en": "Bai Zhi"}, ("quality_manager",), "quality manager"),
    SignIn("finance", {"zh": "金账", "en": "Jin Zhang"}, ("finance",), "finance"),
    SignIn("cashier", {"zh": "银核", "en": "Yin He"}, ("finance",), "finance, puts prices in force"),
    SignIn("admin", {"zh": "管理", "en": "Guan Li"}, ("administrator",), "administrator"),
)
CUSTOMERS = (
    {
        "name": {"zh": "青禾精密电子有限公司（虚构）", "en": "Qinghe Precision Electronics (fictional)"},
        "address": {"zh": "云岭市青禾大道 88 号", "en": "88 Qinghe Avenue, Yunling"},
        "contact": "𠮷田 远",
    },
    {
        "name": {"zh": "蓝岭仪表厂（虚构）", "en": "Lanling Instrument Works (fictional)"},
        "address": {"zh": "云岭市蓝岭街 6 号", "en": "6 Lanling Street, Yunling"},
        "contact": "何蓝",
    },
)
ITEM = {
    "description": {"zh": "6½ 位数字多用表", "en": "6½-digit digital multimeter"},
    "maker": "Keysight",
    "model": "34401A",
    "serial": "MY41000001",
}

TERMS = {
    kind: {"days": 10, "counted": "working", "source": {"zh": "委托协议（虚构）", "en": "agreement (fictional)"}}
    for kind in ("calibration", "verification")
}
CATALOGUE: tuple[tuple[dict[str, str], str, list[str]], ...] = (
    ({"zh": "电能表", "en": "electricity meter"}, "trade", ["电能表"]),
    ({"zh": "压力表", "en": "pressure gauge"}, "safety", ["压力表"]),
)
"""Two lines of a catalogue of compulsory verification, as an example; nobody has read their numbers in the source."""
SCOPE = {
    "code": "CMC-DCV-1",
    "measurand": "DCV",
    "instrument": {"zh": "数字多用表，直流电压", "en": "Digital multimeters, DC voltage"},
    "method": "DMM-DCV",
    "unit": "V",
    "rows": [{"range": [-1000, 1000], "U": {"kind": "formula", "expression": "3e-6*abs(x) + 5e-7"}}],
}
"""What the demonstration laboratory says it can measure; fictional, and under no accreditation."""


YEAR = timedelta(days=365)


def found(
    session: Session,
    *,
    at: datetime,
    settings: Settings,
    history: bool = False,
    month: Callable[[], object] | None = None,
) -> bool:
    """Make the demonstration laboratory where there is none yet. True when it was made now.

    history: it was founded a year ago and has lived since; month: called after each month of it (to commit, to show).
    """
    if laboratory.exists(session):
        return False
    if history:
        _registers(session, at=at - YEAR, settings=settings)
        history_examples.a_year(
            session,
            at - YEAR,
            at,
            settings=settings,
            password=PASSWORD,
            besides=[_renewal(session, at), *office_examples.stories(session, at - YEAR, at)],
            month=month,
        )
    else:
        _registers(session, at=at, settings=settings)
    measurement_standard_examples.a_year(session, at)
    chart_examples.enter(session, at=at)
    return True


def _registers(session: Session, *, at: datetime, settings: Settings) -> None:
    """Customers, people, procedures, standards, scope, industry map and catalogue, as they stand from this instant."""
    laboratory.found(session, PROFILE | {"terms": TERMS}, at=at)
    customers = [laboratory.add_customer(session, **each, by=None, at=at) for each in CUSTOMERS]  # type: ignore[arg-type]
    owners = {"customer": customers[0].id, "customer2": customers[1].id}
    for each in PEOPLE:
        people.add_person(
            session,
            username=each.username,
            name=dict(each.name),
            password=PASSWORD,
            roles=each.roles,
            by=None,
            at=at,
            customer_id=owners.get(each.username),
            language=settings.language,
            demonstration=True,
        )
    for name in PROCEDURES:
        text = resources.files("instruments.procedures").joinpath(f"{name}.yaml").read_text("utf-8")
        version = procedures.found(session, text, at=at)
        for username, role in (("tech", "perform"), ("verifier", "verify"), ("approver", "approve")):
            people.authorise(
                session,
                username,
                version.name,
                role,
                valid_from=at.date() - timedelta(days=30),
                valid_to=at.date() + timedelta(days=3 * 365),
                by=None,
                at=at,
            )
    _standards(session, at=at)
    line = scope.propose(session, SCOPE, valid_from=at.date() - timedelta(days=365), by=None, at=at)
    scope.recognise(session, line.code, line.version, by=None, at=at)
    industry_examples.enter(session, at=at)
    for instrument, use, words in CATALOGUE:
        rules.list_instrument(
            session,
            catalogue="示例目录（编号未核对）",
            number=instrument["zh"],
            name=instrument,
            words=words,
            uses=[use],
            mode="periodic",
            interval=None,
            source={"title": "市场监管总局 2020 年第 42 号公告（未核对）", "clause": "", "verified": False},
            valid_from=at.date() - timedelta(days=365),
            by=None,
            at=at,
        )


def _standards(session: Session, *, at: datetime) -> None:
    """The chain: the SI, a national standard, the laboratory's calibrator and room monitor; all fictional."""
    today = at.astimezone(ZoneInfo(PROFILE["time_zone"])).date()
    known = {"maker": NATIONAL["en"], "by": None, "at": at}
    volt = {"zh": "约瑟夫森电压国家基准（虚构）", "en": "Josephson voltage national standard (fictional)"}
    climate = {"zh": "温湿度国家标准装置（虚构）", "en": "National temperature and humidity facility (fictional)"}
    standards.register(session, description=volt, model="JVS-10", serial="N-001", **known)
    standards.register(session, description=climate, model="TH-1", serial="N-014", **known)
    calibrator = standards.register(
        session,
        description={"zh": "多产品校准器", "en": "Multi-product calibrator"},
        maker="Fluke",
        model="5522A",
        serial="2950101",
        role="source",
        resource="bench:calibrator",
        driver="5522A",
        by=None,
        at=at,
    )
    monitor = standards.register(
        session,
        description={"zh": "温湿度气压监测仪", "en": "Temperature, humidity and pressure monitor"},
        maker="Vaisala",
        model="PTU300",
        serial="P3110001",
        kind="monitor",
        role="ambient",
        resource="bench:monitor",
        driver="PTU300",
        by=None,
        at=at,
    )
    _certificates(session, today, at)
    measurement_standards.enter(
        session,
        name={"zh": "直流电压标准装置（虚构）", "en": "DC voltage measurement standard (fictional)"},
        level="public",
        scope={"procedures": ["DMM-DCV"], "measurand": "DCV", "unit": "V", "range": [-1000, 1000], "k": 2},
        place=PROFILE["place"],
        equipment=[(calibrator.id, "main"), (monitor.id, "auxiliary")],
        certificate_number="〔2024〕云岭量标证字第 0001 号（虚构）",
        valid_from=today - timedelta(days=700),
        valid_to=today + timedelta(days=5 * 365 - 700),
        environment={"temperature": [22, 24, "degC"], "humidity": [30, 70, "%RH"]},
        by=None,
        at=at,
    )


def _certificates(session: Session, today: date, at: datetime) -> None:
    """The certificates of the four standards as they are on a day of use; those before are superseded."""
    codes = {
        serial: session.scalars(select(Instrument.code).where(Instrument.serial == serial)).one()
        for serial in ("N-001", "N-014", "2950101", "P3110001")
    }
    certified = demonstration_certificates()
    upper_volt = _calibrated(
        session,
        codes["N-001"],
        "FNMI-JVS-{year}-01",
        today,
        at,
        functions=[_one_function("DCV", "V", "10 V", "10", ("-10", "10"), "0.0000002")],
        upstream=[{"si": {"zh": "SI 伏特（约瑟夫森效应）", "en": "SI volt (Josephson effect)"}}],
        age=DAYS_SINCE + 60,
    )
    upper_climate = _calibrated(
        session,
        codes["N-014"],
        "FNMI-TH-{year}-03",
        today,
        at,
        functions=[
            _one_function("temperature", "degC", "5..50", "50", ("5", "50"), "0.01"),
            _one_function("humidity", "%RH", "10..90", "90", ("10", "90"), "0.5"),
        ],
        upstream=[{"si": {"zh": "SI 开尔文（ITS-90）", "en": "SI kelvin (ITS-90)"}}],
        age=DAYS_SINCE + 60,
    )
    for serial, number, role, above in (
        ("2950101", "FNMI-DC-{year}-0117", "calibrator", upper_volt),
        ("P3110001", "FNMI-TH-{year}-0233", "monitor", upper_climate),
    ):
        upstream = [{"version_id": above.id}]
        _calibrated(session, codes[serial], number, today, at, functions=certified[role], upstream=upstream)


def _renewal(session: Session, at: datetime) -> Iterator[datetime]:
    """In the course of the year the standards come back with new certificates, those that are in force today."""
    then = at - timedelta(days=DAYS_SINCE)
    yield then
    _certificates(session, at.astimezone(ZoneInfo(PROFILE["time_zone"])).date(), then)


def _calibrated(
    session: Session,
    code: str,
    number: str,
    today: date,
    at: datetime,
    *,
    functions: list[dict[str, Any]],
    upstream: list[dict[str, Any]],
    age: float = DAYS_SINCE,
) -> CalibrationVersion:
    issued = today - timedelta(days=age)
    return standards.add_calibration(
        session,
        code,
        certificate_number=number.format(year=issued.year),
        issuer=NATIONAL,
        issued=issued,
        valid_from=issued,
        valid_to=issued + timedelta(days=365),
        route_class="a",
        functions=functions,
        upstream=upstream,
        correlation={"kind": "none"},
        by=None,
        at=at,
        source="import",
    )


def _one_function(function: str, unit: str, range_: str, upper: str, points: tuple[str, ...], U: str) -> dict[str, Any]:
    return {
        "function": function,
        "unit": unit,
        "ranges": [
            {
                "range": range_,
                "upper": upper,
                "points": [{"at": at, "correction": "0", "U": U, "k": "2", "dof": None} for at in points],
            }
        ],
    }


CONDITION = both("Good; no damage seen.")
