// Lines to copy into a terminal or a program. Everything here is a pure function, except that the addresses
// are those at which the console was opened, and that access says whether calls are signed.

import { access, authorization, callerFor, capabilities, endpoint, messagingURL } from "./api.js";
import { visible } from "./format.js";

// quote returns a text as one word for a POSIX shell, or for bash and zsh if it has control characters. A text with
// a NUL cannot be a word.
function quote(text) {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (visible(text) === text) return `'${text.replaceAll("'", `'\\''`)}'`;
  return `$'${visible(text.replaceAll("\\", "\\\\").replaceAll("'", "\\'"))}'`;
}

const isSigned = () => access.auth !== "off";

// environment returns the credentials of an account as the beginning of a command. If signatures are verified, they are
// those that the terminal has: the page does not know the secret.
const environment = ({ account }) => (isSigned() ? "" : `AWS_ACCESS_KEY_ID=${account} AWS_SECRET_ACCESS_KEY=local `);

// noted returns a text after comments that say which credentials it needs, and how a client trusts the certificates.
function noted(text, { account, caller = callerFor(account) }, comment = "#") {
  const lines = [];
  if (isSigned()) {
    lines.push(`Set AWS_ACCESS_KEY_ID to ${caller?.accessKeyId ?? "an access key"}, AWS_SECRET_ACCESS_KEY to its secret`
      + " and, if it is temporary, AWS_SESSION_TOKEN.");
  }
  if (access.tls && endpoint.startsWith("https:")) {
    lines.push("The command ivschat-local trust says how to trust the certificate.");
  }
  return lines.map((line) => `${comment} ${line}\n`).join("") + text;
}

// literal returns a value as JSON in one line, which is also a literal of JavaScript and, if it is a text, of Go.
const literal = (value) =>
  visible(JSON.stringify(typeof value === "string" ? value.toWellFormed() : value) ?? "undefined");

// aws returns a command of the AWS CLI with flags and an operation.
const aws = (owner, rest) =>
  `${environment(owner)}aws --endpoint-url ${quote(endpoint)} --region ${owner.region} ivschat ${rest}`;

// cli returns a command of the AWS CLI that calls an operation with an input.
function cli(operation, input, owner) {
  const command = operation.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();
  return aws(owner, `${command} --cli-input-json ${quote(literal(input))}`);
}

// callSnippets returns the ways to repeat a call, as {name, text}. There are none if the journal does not have the
// request.
export function callSnippets(entry) {
  const { operation, request } = entry;
  if (request === undefined || operation === "unknown") return [];
  // Versions of curl sign a path with an ARN differently.
  const all = isSigned() && request.resourceArn ? [] : [{ name: "curl", text: curlOf(entry) }];
  if (typeof request !== "string") all.push({ name: "AWS CLI", text: cli(operation, request, entry) });
  return all.map(({ name, text }) => ({ name, text: noted(text, entry) }));
}

function curlOf({ operation, request, ...owner }) {
  const flags = isSigned()
    ? `--aws-sigv4 aws:amz:${owner.region}:ivschat --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"`
      + ` -H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"`
    : `-H ${quote("Authorization: " + authorization(owner))}`;
  const text = (body) => quote(typeof body === "string" ? body : literal(body));
  const data = (body) => `-H 'Content-Type: application/json' --data-raw ${text(body)}`;
  const { resourceArn, tagKeys = [], ...body } = typeof request === "string" ? {} : request;
  const tags = `${endpoint}/tags/${encodeURIComponent(resourceArn)}`;
  switch (operation) {
    case "TagResource":
      return `curl -X POST ${flags} ${data(body)} ${quote(tags)}`;
    case "UntagResource": {
      const query = new URLSearchParams([tagKeys].flat().map((key) => ["tagKeys", key]));
      return `curl -X DELETE ${flags} ${quote(`${tags}?${query}`)}`;
    }
    case "ListTagsForResource":
      return `curl ${flags} ${quote(tags)}`;
    default:
      return `curl -X POST ${flags} ${data(request)} ${quote(endpoint + "/" + operation)}`;
  }
}

// requestOf returns what a client sends so that a frame like that of the entry is sent: {userId, attributes, frame,
// text}. It returns undefined if a client cannot cause it. pair is the request of an error.
function requestOf({ direction, userId, frame, text }, pair) {
  const { Type, EventName, Content, Sender, Attributes } = frame ?? {};
  const of = (userId, frame, attributes) => ({ userId, frame, text: literal(frame), attributes });
  if (direction === "in") return text === undefined ? of(userId, frame) : { userId, text };
  const { MessageId, UserId, Reason } = Attributes ?? {};
  if (Type === "MESSAGE") {
    const sent = { Action: "SEND_MESSAGE", Content, Attributes: Attributes ?? undefined };
    return of(Sender.UserId, sent, Sender.Attributes);
  }
  if (EventName === "aws:DELETE_MESSAGE") return of("moderator", { Action: "DELETE_MESSAGE", Id: MessageId, Reason });
  if (EventName === "aws:DISCONNECT_USER") return of("moderator", { Action: "DISCONNECT_USER", UserId, Reason });
  return Type === "ERROR" && pair ? requestOf(pair) : undefined;
}

// operationOf returns the operation that does the same as a request or an event, with its input.
function operationOf({ room, frame }, request) {
  const { Action, Id, UserId, Reason } = request?.frame ?? {};
  if (Action === "DELETE_MESSAGE") return ["DeleteMessage", { roomIdentifier: room, id: Id, reason: Reason }];
  if (Action === "DISCONNECT_USER") return ["DisconnectUser", { roomIdentifier: room, userId: UserId, reason: Reason }];
  if (request || frame?.Type !== "EVENT") return undefined;
  return ["SendEvent", { roomIdentifier: room, eventName: frame.EventName, attributes: frame.Attributes ?? undefined }];
}

// frameSnippets returns the ways to repeat or to expect a frame, as {name, text}. pair is the answer to a request, or
// the request of an answer, if it is known.
export function frameSnippets(entry, pair) {
  const { kind, frame, text, direction } = entry;
  if (kind !== "frame" || (frame === undefined && text === undefined)) return [];
  if (/[\0\ufffd]/.test(text ?? "")) return []; // it is not what was sent, or no argument of a command
  const request = requestOf(entry, pair);
  const operation = operationOf(entry, request);
  const error = (direction === "in" ? pair?.frame : frame)?.ErrorCode;
  const capability = request?.frame?.Action;
  const input = {
    roomIdentifier: entry.room,
    userId: request?.userId ?? entry.userId ?? "viewer",
    capabilities: capabilities.includes(capability) && error !== 403 ? [capability] : undefined,
    attributes: request?.attributes,
  };
  // In double quotes, an interactive bash would expand an exclamation mark.
  const command = cli("CreateChatToken", input, entry).replaceAll("!", "\\u0021");
  const token = command + " --query token --output text";
  const plan = { entry, request, operation, input, error, pair };
  const all = [
    ["wscat", wscat(`"$(${token})"`, request)],
    ["AWS CLI", operation ? cli(...operation, entry) : request && [
      "# Only chat clients send this: the API has no operation for it.",
      `token=$(${token})`,
      wscat('"$token"', request),
    ].join("\n")],
    ["JavaScript", javascript(plan)],
    ["Go test", goTest(plan)],
  ];
  return all.filter(([, text]) => text).map(([name, text]) => ({
    name, text: name === "Go test" ? text : noted(text, entry, name === "JavaScript" ? "//" : "#"),
  }));
}

// wscat returns a command that connects and sends a request, or only receives.
function wscat(token, request) {
  const connect = `wscat -c ${quote(messagingURL)} -s ${token}`;
  return request ? `${connect} -w 1 ${quote("--execute=" + request.text)}` : connect;
}

// credentials returns the line of a program with the credentials of an account, or nothing if they are in the
// environment.
const credentials = ({ account }) =>
  isSigned() ? "" : `\n  credentials: { accessKeyId: "${account}", secretAccessKey: "local" },`;

// javascript returns a program with the official chat client.
function javascript({ entry, request, operation, input, error }) {
  const { frame } = entry;
  const { Action, Content, Attributes, Id, UserId, Reason } = request?.frame ?? {};
  const calls = {
    SEND_MESSAGE: ["sendMessage", "SendMessageRequest", [Content, Attributes ?? undefined]],
    DELETE_MESSAGE: ["deleteMessage", "DeleteMessageRequest", [Id, Reason]],
    DISCONNECT_USER: ["disconnectUser", "DisconnectUserRequest", [UserId, Reason]],
  };
  if (request ? !capabilities.includes(Action) : !operation) return undefined;
  const imports = { chat: ["ChatRoom"], sdk: ["CreateChatTokenCommand", "IvschatClient"] };
  let lines;
  if (request) {
    const [method, type, values] = calls[Action];
    while (values.at(-1) === undefined) values.pop();
    imports.chat.push(type);
    const call = `room.${method}(new ${type}(${values.map(literal).join(", ")}))`;
    lines = error
      ? [`await assert.rejects(${call}, { errorCode: ${error} });`]
      : [`const received = await ${call};`, ...assertions(entry)];
  } else {
    imports.sdk.push(operation[0] + "Command");
    lines = [
      `const event = new Promise((resolve) => room.addListener("event", (event) => {`,
      `  if (event.eventName === ${literal(frame.EventName)}) resolve(event);`,
      `}));`,
      `await service.send(new ${operation[0]}Command(${literal(operation[1])}));`,
      `const received = await event;`,
      ...assertions(entry),
    ];
  }
  const asserts = lines.some((line) => line.includes("assert."));
  const assert = asserts ? `import assert from "node:assert/strict";\n` : "";
  return `// npm install @aws-sdk/client-ivschat amazon-ivs-chat-messaging ws
${assert}import { ${imports.sdk.join(", ")} } from "@aws-sdk/client-ivschat";
import { ${imports.chat.join(", ")} } from "amazon-ivs-chat-messaging";

globalThis.WebSocket ??= (await import("ws")).WebSocket; // only before version 22 of Node.js
const service = new IvschatClient({
  endpoint: ${literal(endpoint)},
  region: "${entry.region}",${credentials(entry)}
});
const tokenProvider = () => service.send(new CreateChatTokenCommand(${literal(input)}));
const room = new ChatRoom({ regionOrUrl: ${literal(messagingURL)}, tokenProvider });
const connected = new Promise((resolve) => room.addListener("connect", resolve));
room.connect();
await connected;
${lines.join("\n")}
room.disconnect();
`;
}

// assertions returns what must be true of what the chat client has received.
function assertions({ frame, direction }) {
  if (direction === "in") return ["console.log(received);"];
  const equal = (name, value) =>
    value !== undefined && value !== null && `assert.deepEqual(received.${name}, ${literal(value)});`;
  const { Content, Attributes, EventName, Sender } = frame;
  return [
    equal("content", Content),
    equal("eventName", EventName?.startsWith("aws:") ? undefined : EventName),
    equal("attributes", Attributes),
    equal("sender", Sender && { userId: Sender.UserId, attributes: Sender.Attributes }),
  ].filter(Boolean);
}

// goString returns a literal of a text in Go.
const goString = (text) => (/[`\r\n\t]/.test(text) || visible(text) !== text ? literal(text) : "`" + text + "`");

// goTest returns a test with an emulator of its own.
function goTest({ entry, request, operation, input, error, pair }) {
  if (!request && !operation || (entry.direction === "out" && ![undefined, 400, 403].includes(error))) return undefined;
  const sdk = !request && [
    `	chat := ivschat.NewFromConfig(e.Config())`,
    `	_, err := chat.SendEvent(t.Context(), &ivschat.SendEventInput{`,
    `		RoomIdentifier: aws.String(room),`,
    `		EventName:      aws.String(${literal(entry.frame.EventName)}),`,
    entry.frame.Attributes && `		Attributes:     map[string]string${goMap(entry.frame.Attributes)},`,
    `	})`, `	if err != nil {`, `		t.Fatal(err)`, `	}`,
  ].filter(Boolean).join("\n");
  const { Action, UserId } = request?.frame ?? {};
  const other = Action === "DISCONNECT_USER" && typeof UserId === "string" && UserId !== input.userId;
  const who = [input.userId, ...(input.capabilities ?? [])].map(literal).join(", ");
  const conditions = expectations(entry, pair).join(" || ");
  return `package chat_test

import (
	"testing"
${sdk ? `
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
` : ""}
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
)

// docs/go.md of ivschat-local says how your module uses package emulatortest.
func TestFrame${entry.id}(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	client := e.Connect(room, ${who})
${other ? `	e.Connect(room, ${literal(UserId)})\n` : ""}${sdk || `	client.Send(${goString(request.text)})`}
	frame := client.Receive()
${conditions ? `	if ${conditions} {
		t.Errorf("received %s", frame.Raw)
	}` : "	t.Log(frame.Raw)"}
}
`;
}

const goMap = (values) =>
  `{${Object.entries(values).map(([key, value]) => `${literal(key)}: ${literal(value)}`).join(", ")}}`;

// expectations returns when what a test in Go has received is wrong.
function expectations({ direction, frame }, pair) {
  const { Type, ErrorCode, EventName, Content, Attributes } = (direction === "in" ? pair?.frame : frame) ?? {};
  if (Type === undefined || (ErrorCode && ![400, 403].includes(ErrorCode))) return [];
  const wrong = (name, value) => value !== undefined && `frame.${name} != ${literal(value)}`;
  const found = [wrong("Type", Type), wrong("EventName", EventName), wrong("ErrorCode", ErrorCode)];
  // What a message review handler has changed is not what the emulator of the test answers.
  if (direction === "out") {
    found.push(wrong("Content", Content));
    const attributes = Object.entries(Attributes ?? {});
    found.push(...attributes.map(([key, value]) => wrong(`Attributes[${literal(key)}]`, value)));
  }
  return found.filter(Boolean);
}

// firstSteps returns lines that create a room, for each language.
export function firstSteps(info) {
  const { account, region } = info;
  const at = ` --endpoint ${quote(endpoint)}`;
  const steps = [
    { name: "AWS CLI", text: aws(info, "create-room --name hello") },
    {
      name: "JavaScript",
      text: `// npm install @aws-sdk/client-ivschat
import { CreateRoomCommand, IvschatClient } from "@aws-sdk/client-ivschat";

const chat = new IvschatClient({
  endpoint: ${literal(endpoint)},
  region: "${region}",${credentials(info)}
});
const room = await chat.send(new CreateRoomCommand({ name: "hello" }));
console.log(room.arn);
`,
    },
    {
      name: "Go",
      text: `// go get github.com/aws/aws-sdk-go-v2/service/ivschat
package main

import (
	"context"
	"fmt"
	"log"${isSigned() ? '\n	"os"' : ""}

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
)

func main() {
	chat := ivschat.New(ivschat.Options{
		BaseEndpoint: aws.String(${literal(endpoint)}),
		Region:       "${region}",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{${isSigned() ? `
				AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
				SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
				SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
			` : `AccessKeyID: "${account}", SecretAccessKey: "local"`}}, nil
		}),
	})
	room, err := chat.CreateRoom(context.Background(), &ivschat.CreateRoomInput{Name: aws.String("hello")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(*room.Arn)
}
`,
    },
    {
      name: "Python",
      text: `# pip install boto3
import boto3

chat = boto3.client(
    "ivschat",
    endpoint_url=${literal(endpoint)},
    region_name="${region}",${isSigned() ? "" : `
    aws_access_key_id="${account}",
    aws_secret_access_key="local",`}
)
room = chat.create_room(name="hello")
print(room["arn"])
`,
    },
    { name: "Terminal", text: `ivschat-local room create hello${at}\nivschat-local chat hello --as anna${at}` },
  ];
  const comment = (name) => (name === "JavaScript" || name === "Go" ? "//" : "#");
  return steps.map(({ name, text }) => ({ name, text: noted(text, info, comment(name)) }));
}
