"""Puts a program into a wheel, which is then for one platform. build.py says which."""

import os

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
