"""The back end of a support chat. It decides who may join, and moderates. Messages do not pass through it:
browsers connect to Amazon IVS Chat with the chat token that it gives them.

A real back end knows its users. This one believes what a request says.
"""

import json
import logging
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError


class Backend(ThreadingHTTPServer):
    """The back end at an address. chat is a client of boto3, and moderators are user names.

    messaging_url is where browsers connect.
    """

    def __init__(self, address, chat, messaging_url, moderators=()):
        super().__init__(address, Handler)
        self.chat = chat
        self.messaging_url = messaging_url
        self.moderators = moderators

    def join(self, room, user):
        capabilities = ["SEND_MESSAGE"]
        if user in self.moderators:
            capabilities += ["DELETE_MESSAGE", "DISCONNECT_USER"]
        created = self.chat.create_chat_token(
            roomIdentifier=room, userId=user, capabilities=capabilities
        )
        return {
            "token": created["token"],
            "expires": created["sessionExpirationTime"].isoformat(),
            "messagingUrl": self.messaging_url,
        }

    def kick(self, room, user):
        self.chat.disconnect_user(
            roomIdentifier=room, userId=user, reason="Kicked by a moderator"
        )

    def announce(self, room, text):
        self.chat.send_event(
            roomIdentifier=room, eventName="announcement", attributes={"text": text}
        )


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        actions = {
            "/join": self.server.join,
            "/kick": self.server.kick,
            "/announce": self.server.announce,
        }
        if self.path not in actions:
            return self.answer(404, {"message": "There is no such path."})
        try:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            result = actions[self.path](**request)
        except (ValueError, TypeError, ParamValidationError):
            self.answer(400, {"message": "The request is not valid."})
        except ClientError as error:
            logging.warning("%s", error)
            code = error.response["Error"]["Code"]
            if code == "ResourceNotFoundException":
                self.answer(404, {"message": "There is no such room."})
            elif code == "ValidationException":
                self.answer(400, {"message": "The request is not valid."})
            else:
                self.answer(502, {"message": "The chat is not available."})
        except BotoCoreError as error:
            logging.warning("%s", error)
            self.answer(502, {"message": "The chat is not available."})
        else:
            self.answer(204 if result is None else 200, result)

    def answer(self, status, body):
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main():
    """Serves the back end as the environment says. boto3 reads AWS_ENDPOINT_URL_IVSCHAT and so on."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chat = boto3.client("ivschat")
    region = chat.meta.region_name
    url = os.environ.get("IVSCHAT_MESSAGING_URL", f"wss://edge.ivschat.{region}.amazonaws.com")
    moderators = os.environ.get("MODERATORS", "").split(",")
    host, port = os.environ.get("LISTEN", "127.0.0.1:8080").rsplit(":", 1)
    with Backend((host, int(port)), chat, url, moderators) as backend:
        logging.info("The back end listens at http://%s:%s", host, backend.server_port)
        backend.serve_forever()


if __name__ == "__main__":
    main()
