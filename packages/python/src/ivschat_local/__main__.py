"""python -m ivschat_local runs the program with the arguments."""

import os
import subprocess
import sys

from ._program import find_program
from .errors import EmulatorError


def main() -> None:
    try:
        command = [find_program(), *sys.argv[1:]]
    except EmulatorError as error:
        sys.exit(str(error))
    if sys.platform == "win32":
        sys.exit(subprocess.call(command))  # execv would not wait there
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
