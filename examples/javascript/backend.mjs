import { createServer } from "node:http";
import { json } from "node:stream/consumers";

import { CreateChatTokenCommand, DisconnectUserCommand, SendEventCommand } from "@aws-sdk/client-ivschat";

/**
 * Returns the back end of a support chat. It decides who may join, and moderates. Messages do not pass through it:
 * browsers connect to Amazon IVS Chat with the chat token that it gives them.
 *
 * A real back end knows its users. This one believes what a request says. Users whose names are among the moderators
 * may delete messages and disconnect users.
 */
export function createBackend(chat, messagingUrl, moderators) {
  const routes = {
    async "POST /join"({ room, user }) {
      const capabilities = ["SEND_MESSAGE"];
      if (moderators.includes(user)) {
        capabilities.push("DELETE_MESSAGE", "DISCONNECT_USER");
      }
      const command = new CreateChatTokenCommand({ roomIdentifier: room, userId: user, capabilities });
      const { token, sessionExpirationTime } = await chat.send(command);
      return { token, expires: sessionExpirationTime, messagingUrl };
    },

    async "POST /kick"({ room, user }) {
      const reason = "Kicked by a moderator";
      await chat.send(new DisconnectUserCommand({ roomIdentifier: room, userId: user, reason }));
    },

    async "POST /announce"({ room, text }) {
      const event = { roomIdentifier: room, eventName: "announcement", attributes: { text } };
      await chat.send(new SendEventCommand(event));
    },
  };

  return createServer(async (request, response) => {
    const route = routes[`${request.method} ${request.url}`];
    try {
      const answer = route ? await route(await read(request)) : undefined;
      const status = route ? (answer ? 200 : 204) : 404;
      response
        .writeHead(status, { "Content-Type": "application/json" })
        .end(answer && JSON.stringify(answer));
    } catch (error) {
      console.error(`${request.url}: ${error}`);
      response.writeHead(statusOf(error)).end();
    }
  });
}

/** Returns the body of a request: an object whose members are texts. */
async function read(request) {
  const body = await json(request);
  if (!(body instanceof Object && Object.values(body).every((value) => typeof value === "string"))) {
    throw new SyntaxError("The body is not an object whose members are texts.");
  }
  return body;
}

/** Returns what a failure means for the caller. */
function statusOf(error) {
  const invalid = error instanceof SyntaxError || error.name === "ValidationException";
  return invalid ? 400 : error.name === "ResourceNotFoundException" ? 404 : 502;
}
