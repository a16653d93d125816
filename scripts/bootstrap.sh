#!/bin/sh
# Makes .venv and installs the locked packages into it; does nothing when the lock has not changed.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "Python 3.11 or newer is needed; set PYTHON to its command, for example: make demo PYTHON=python3.12" >&2
  exit 2
}
if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv || {
    echo "A virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2
    exit 2
  }
fi
stamp=.venv/installed
wanted=$(cat requirements.lock pyproject.toml | cksum)
[ "$(cat "$stamp" 2>/dev/null || true)" = "$wanted" ] && exit 0
export UV_PYTHON_DOWNLOADS=never
if .venv/bin/python -m pip install --quiet --disable-pip-version-check uv; then
  .venv/bin/uv pip sync --quiet -p .venv/bin/python --require-hashes requirements.lock
  .venv/bin/uv pip install --quiet -p .venv/bin/python --no-deps -e .
else
  echo "uv could not be installed; going on with pip, which takes longer." >&2
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
fi
printf '%s' "$wanted" > "$stamp"
