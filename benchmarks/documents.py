"""Certificates a second in one process, everything included, beside typst alone in the same run.

    python -m benchmarks.documents [--seconds 10]

A certificate is: DCC written, checked (with LIMS_DCC_SCHEMAS), signed (XAdES), checked again, pages set with the DCC
attached (PDF/A-3a, PDF/UA-1), signed (PAdES, RSA-3072), and examined. Yardstick: typst setting one empty page with the
same fonts and standards, and the certificate's own pages. Goal: at least 10 certificates a second.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import typst

from lims.documents import authenticate, dcc, keys, pdf, schemas, signing

SAMPLE = Path(__file__).parents[1] / "fixtures" / "snapshots" / "calibration_dc_voltage.json"


def median_ms(work: Callable[[int], object], seconds: float) -> tuple[float, int]:
    """Median time of one call in ms, and the number of calls made within `seconds`."""
    times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(times) < 5:
        start = time.perf_counter()
        work(len(times))
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000, len(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds = parser.parse_args().seconds
    base = json.loads(SAMPLE.read_text(encoding="utf-8"))
    folder = os.environ.get("LIMS_DCC_SCHEMAS")
    held = schemas.locate(Path(folder) if folder else None)

    with tempfile.TemporaryDirectory() as key_folder:
        laboratory = keys.open_or_make(key_folder, "Benchmark laboratory")

        def snapshot(i: int) -> dict[str, object]:
            made = copy.deepcopy(base)
            made["number"] = f"YS-2026-{i:06d}"  # each certificate differs: nothing is answered from a cache
            made["result_sets"][0]["rows"][0]["indication"] = f"0.{i % 10000:04d}"
            return made

        def whole(i: int) -> bytes:
            made = snapshot(i)
            xml = dcc.build(made)
            findings = dcc.validate(xml, held)
            signed = signing.sign_dcc(xml, laboratory)
            findings += dcc.validate(signed, held)
            if held is not None and findings:
                raise SystemExit(findings[0].text)
            return signing.sign_pdf(pdf.render(made, signed), laboratory)

        first = time.perf_counter()
        document = whole(0)
        first_ms = (time.perf_counter() - first) * 1000
        cpu = time.process_time()
        pipeline, n = median_ms(lambda i: whole(i + 1), seconds)
        cpu_each = (time.process_time() - cpu) / n * 1000
        xml = signing.sign_dcc(dcc.build(base), laboratory)
        pages = pdf.render(base, xml)
        parts = {
            "DCC written": median_ms(lambda i: dcc.build(snapshot(i)), seconds / 10)[0],
            "DCC signed (XAdES)": median_ms(lambda _: signing.sign_dcc(dcc.build(base), laboratory), seconds / 10)[0],
            "pages set (typst)": median_ms(lambda i: pdf.render(snapshot(i + 5000), xml), seconds / 4)[0],
            "PDF signed (PAdES)": median_ms(lambda _: signing.sign_pdf(pages, laboratory), seconds / 10)[0],
            "examined": median_ms(
                lambda _: authenticate.examine(document, trust=[laboratory.root]), seconds / 10
            )[0],
        }  # fmt: skip
    empty = Path(tempfile.mkdtemp()) / "empty.typ"
    empty.write_text(
        '#set document(title: "x", date: datetime(year: 2026, month: 1, day: 1))\n#sys.inputs.i', encoding="utf-8"
    )
    compiler = typst.Compiler(str(empty), font_paths=pdf.font_folders(), ignore_system_fonts=True)
    yardstick, _ = median_ms(
        lambda i: compiler.compile(format="pdf", sys_inputs={"i": str(i)}, pdf_standards=["a-3a", "ua-1"]), seconds / 10
    )
    print(f"certificates a second     {1000 / pipeline:6.1f}   (median {pipeline:.1f} ms, {n} made, goal 10)")
    print(f"first one of the process  {first_ms:6.0f} ms")
    print(f"CPU a certificate         {cpu_each:6.1f} ms;  size {len(document) / 1000:.0f} kB;  "
          f"schemas {'checked twice' if held else 'not installed'}")  # fmt: skip
    for name, value in parts.items():
        print(f"  {name:22s} {value:7.1f} ms")
    print(
        f"yardstick: typst, one empty page, {yardstick:.1f} ms; the whole pipeline is {pipeline / yardstick:.0f} × that"
    )
    print(f"memory                    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB")


if __name__ == "__main__":
    main()
