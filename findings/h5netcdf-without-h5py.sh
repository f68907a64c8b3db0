#!/usr/bin/env bash
# h5netcdf 1.8 no longer brings h5py; xarray offers its engine all the same, and what was absent once stays absent.
#
# Version    h5netcdf 1.8.2, h5py 3.16.0, xarray 2026.9.0
# Guess      `pip install xarray h5netcdf` writes netCDF, as it did up to h5netcdf 1.7.3; where h5py is missing, importing h5netcdf fails,
#            xarray does not list the engine, and installing h5py mends it.
# Behaviour  h5netcdf imports without h5py and xarray lists the engine `h5netcdf`; only writing fails, with an ImportError. After
#            h5py is installed, writing in the same process (a notebook) goes on failing, though h5py can be imported there.
# Output     without: imported True, engine listed True, write ImportError | h5py installed: importable True, write ImportError |
#            new process: written True
# Follows    Ask for h5py by name in one's own requirements, and test for it before h5netcdf is imported for the first time.
# In kctopt  kctopt/extras.py, tests/test_extras.py::test_what_was_absent_is_found_once_it_is_installed
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check h5netcdf==1.8.2 xarray==2026.9.0 numpy==2.4.6 pandas==3.1.1
cat >"$place/write.py" <<'PY'
import sys

import xarray


def write(path):
    try:
        xarray.Dataset({"spend": ("year", [1.0, 2.0])}).to_netcdf(path, engine="h5netcdf")
    except ImportError as error:
        return type(error).__name__
    return True


if __name__ == "__main__":
    print("new process: written", write(sys.argv[1]))
PY
cat >"$place/try.py" <<'PY'
import importlib
import importlib.util
import subprocess
import sys

import h5netcdf
import xarray
from write import write

path = sys.argv[1]
listed = "h5netcdf" in xarray.backends.list_engines()
assert importlib.util.find_spec("h5py") is None
print("without: imported", bool(h5netcdf.__version__), "| engine listed", listed, "| write", write(path))
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "h5py==3.16.0"], check=True)
importlib.invalidate_caches()
print("h5py installed: importable", importlib.util.find_spec("h5py") is not None, "| write", write(path))
PY
{ "$place/venv/bin/python" "$place/try.py" "$place/a.nc"; "$place/venv/bin/python" "$place/write.py" "$place/a.nc"; } | tee "$place/seen"
diff "$place/seen" - <<'SEEN'
without: imported True | engine listed True | write ImportError
h5py installed: importable True | write ImportError
new process: written True
SEEN
