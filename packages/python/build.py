"""Builds the wheels: one with the program for each platform, and one without it for all others.

    python packages/python/build.py PROGRAMS OUT

PROGRAMS has the programs as `make programs` builds them, GOOS-GOARCH/ivschat-local[.exe]. Wheels are
built for the platforms that are there. Needs hatchling, see requirements.txt. The same input
gives the same bytes.
"""

import os
import sys
from pathlib import Path

from hatchling.build import build_wheel

# The program is static, so it runs with every libc. The oldest macOS is that of Go 1.26.
TAGS = {
    "linux-amd64": "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux-arm64": "py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin-amd64": "py3-none-macosx_12_0_x86_64",
    "darwin-arm64": "py3-none-macosx_12_0_arm64",
    "windows-amd64": "py3-none-win_amd64",
    "windows-arm64": "py3-none-win_arm64",
}


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: build.py PROGRAMS OUT")
    programs, out = (Path(argument).resolve() for argument in sys.argv[1:])
    found = {}
    for platform, tag in TAGS.items():
        name = "ivschat-local.exe" if platform.startswith("windows") else "ivschat-local"
        if (program := programs / platform / name).is_file():
            found[str(program)] = tag
    if not found:
        sys.exit(f"There is no program in {programs}: run make programs.")
    out.mkdir(parents=True, exist_ok=True)
    os.chdir(Path(__file__).parent)
    os.environ.setdefault("SOURCE_DATE_EPOCH", "1577836800")
    for program, tag in [*found.items(), ("", "")]:
        os.environ["IVSCHAT_WHEEL_PROGRAM"] = program
        os.environ["IVSCHAT_WHEEL_TAG"] = tag
        print(build_wheel(str(out)))


main()
