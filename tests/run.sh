#!/bin/sh
# Run the tests. BIN: the virtual environment's bin folder. SLOW=1: the long sweeps too.
# LIMS_NO_SKIP=1 turns every skip into a failure (what CI sets).
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
if [ -z "${LIMS_DCC_SCHEMAS:-}" ] && [ -d "$here/../shared/dcc" ]; then
    LIMS_DCC_SCHEMAS="$here/../shared/dcc"
    export LIMS_DCC_SCHEMAS
fi
if [ -z "${LIMS_CHROMIUM:-}" ]; then
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then LIMS_CHROMIUM=$(command -v "$name"); export LIMS_CHROMIUM; break; fi
    done
fi
[ -n "${LIMS_CHROMIUM:-}" ] || echo "No Chromium found: browser tests will be skipped. Install it (Debian: apt-get install chromium) or set LIMS_CHROMIUM to its path."
# On two processors or more the tests share two of them; TESTS="-n 0" runs them one after the other.
[ "$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)" -gt 1 ] && share="-n 2 --dist worksteal" || share=
exec "$BIN/python" -m pytest $share ${SLOW:+--slow} "$@"
