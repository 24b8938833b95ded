"""Serves APIs of AWS with moto on a free port, until standard input ends. Prints the URL.

Without Docker, moto runs no Lambda functions: it answers what its own API was told to, and otherwise the event.
"""

import sys

from moto.core.models import default_user_config
from moto.server import ThreadedMotoServer

default_user_config["lambda"] = {"use_docker": False}
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(f"http://{host}:{port}", flush=True)
sys.stdin.read()
server.stop()
