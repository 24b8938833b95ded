"""Tests with the WebSockets of the Python packages websockets and aiohttp. The endpoint is the first argument."""

import asyncio
import json
import re
import sys
import unittest
from urllib.request import urlopen

import aiohttp
import websockets

URL = sys.argv.pop()
MESSAGING_URL = URL.replace("http", "ws")


def call(operation, **members):
    """Calls an operation and returns its output."""
    with urlopen(f"{URL}/{operation}", json.dumps(members).encode()) as response:
        return json.load(response)


def tokens_of_every_form(room):
    """Returns chat tokens that end with no, one and two exclamation marks before the number sign.

    The length of the user ID decides how many there are.
    """
    tokens = [
        call("CreateChatToken", roomIdentifier=room, userId=user, capabilities=["SEND_MESSAGE"])["token"]
        for user in ["a", "ab", "abc"]
    ]
    marks = [re.search(r"(!*)#\d$", token)[1] for token in tokens]
    assert sorted(marks) == ["", "!", "!!"], marks
    return tokens


class WebSockets(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.room = call("CreateRoom")["arn"]
        self.message = json.dumps({"Action": "SEND_MESSAGE", "Content": "héllo 🙂"})

    def check(self, frame):
        self.assertEqual(json.loads(frame)["Content"], "héllo 🙂")

    async def test_the_chosen_subprotocol_is_the_token_websockets(self):
        for token in tokens_of_every_form(self.room):
            async with websockets.connect(MESSAGING_URL, subprotocols=[token]) as socket:
                self.assertEqual(socket.subprotocol, token)
                await socket.send(self.message)
                self.check(await socket.recv())

    async def test_the_chosen_subprotocol_is_the_token_aiohttp(self):
        async with aiohttp.ClientSession() as session:
            for token in tokens_of_every_form(self.room):
                async with session.ws_connect(URL, protocols=[token]) as socket:
                    self.assertEqual(socket.protocol, token)
                    await socket.send_str(self.message)
                    self.check(await socket.receive_str())

    async def test_a_refused_handshake_has_a_status(self):
        with self.assertRaises(websockets.InvalidStatusCode) as refused:
            await websockets.connect(MESSAGING_URL, subprotocols=["unknown"])
        self.assertEqual(refused.exception.status_code, 401)


unittest.main()
