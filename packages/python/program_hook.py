"""Puts a program into a wheel, which is then for one platform. build.py says which.

The wheel also gets the licenses of the projects whose code the program contains.
"""

import os
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProgramHook(BuildHookInterface):
    def initialize(self, version, build_data):
        program = os.environ.get("IVSCHAT_WHEEL_PROGRAM")
        if not program:
            return  # a wheel for every platform, which finds the program in PATH
        build_data["pure_python"] = False
        build_data["tag"] = os.environ["IVSCHAT_WHEEL_TAG"]
        # pip puts scripts next to the environment's Python, and makes them executable.
        build_data["shared_scripts"][program] = os.path.basename(program)
        notices = Path(self.root, "../../THIRD_PARTY_NOTICES").resolve()
        licenses = f"ivschat_local-{self.metadata.version}.dist-info/licenses"
        build_data["force_include"][str(notices)] = f"{licenses}/{notices.name}"
