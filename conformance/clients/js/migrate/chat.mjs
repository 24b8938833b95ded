// What the tests have in place of the mock: rooms and chat tokens of the emulator.

import {
  CreateChatTokenCommand, CreateRoomCommand, DisconnectUserCommand, IvschatClient,
} from "@aws-sdk/client-ivschat";

const client = new IvschatClient(); // it finds the emulator in the environment

// createRoom creates a room for one test.
export const createRoom = (settings = {}) => client.send(new CreateRoomCommand(settings));

// answerTokenRequests answers the page's requests for chat tokens, as the back end does. It returns the function that
// bans the user: then the page gets no more tokens, and its connections end.
export async function answerTokenRequests(page, room, userId, { capabilities, attributes } = {}) {
  const input = { roomIdentifier: room.arn, userId, capabilities, attributes };
  let banned = false;
  await page.route("**/channel/chatToken/create", async (route) => {
    if (banned) return route.fulfill({ status: 403 });
    const { token, sessionExpirationTime } = await client.send(new CreateChatTokenCommand(input));
    return route.fulfill({ json: { token, sessionExpirationTime } });
  });
  return async (reason) => {
    banned = true;
    await client.send(new DisconnectUserCommand({ roomIdentifier: room.arn, userId, reason }));
  };
}

// advance moves the clock of the emulator.
export async function advance(duration) {
  const url = `${process.env.AWS_ENDPOINT_URL_IVSCHAT}/_ivschat/v1/clock`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ advance: duration }) });
  if (!response.ok) throw new Error(await response.text());
}
