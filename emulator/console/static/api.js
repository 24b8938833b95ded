// The interfaces of the emulator: AWS's API, the messaging endpoint and the admin API. All of them are at
// the address that the console was opened at, also behind a path prefix.

// root is the URL of the emulator. It ends with a slash.
export const root = new URL("../../", document.baseURI);

// endpoint is the URL of the emulator as an SDK takes it, without the slash at its end.
export const endpoint = root.href.replace(/\/$/, "");

// messagingURL is the URL to which chat clients connect.
export const messagingURL = endpoint.replace(/^http/, "ws");

// A Failure is an answer that is not a success. Its message is what the emulator said.
export class Failure extends Error {
  constructor(message, status, exception, requestId) {
    super(message);
    this.status = status; // HTTP, 0 if there was no answer
    this.exception = exception; // of AWS's API, as requestId
    this.requestId = requestId;
  }
}

// send sends a request and returns its answer. It fails if there is no answer, or an error.
async function send(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "omit", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure("The emulator does not answer. Is it still running?", 0);
  }
  if (response.ok) return response;
  const text = await response.text();
  let body = {};
  try {
    body = JSON.parse(text);
  } catch {
    // An answer that a fault or a proxy sent.
  }
  const exception = response.headers.get("x-amzn-errortype")?.split(":")[0];
  const message = body.message ?? body.Message ?? body.error ?? (text.slice(0, 300) || response.statusText);
  throw new Failure(message, response.status, exception, response.headers.get("x-amzn-requestid"));
}

// query returns the query string of parameters, without those that are undefined, null or "".
export function query(parameters = {}) {
  const isPresent = (value) => value !== undefined && value !== null && value !== "";
  const present = Object.entries(parameters).filter(([, value]) => isPresent(value));
  return present.length === 0 ? "" : "?" + new URLSearchParams(present);
}

// admin sends a request to the admin API, such as admin("GET", "rooms", {count: 10}), and returns the answer
// as JSON, or undefined if it is empty.
export async function admin(method, path, parameters, body, { signal } = {}) {
  const options = { method, signal };
  if (body !== undefined) options.body = typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body);
  const response = await send(new URL("_ivschat/v1/" + path + query(parameters), root), options);
  const text = await response.text();
  return text === "" ? undefined : JSON.parse(text);
}

// adminText gets a document of the admin API as text.
export async function adminText(path, parameters) {
  return (await send(new URL("_ivschat/v1/" + path + query(parameters), root))).text();
}

// roomPath returns the path of a room in the admin API.
export const roomPath = (arn) => "rooms/" + encodeURIComponent(arn);

// access is how AWS's API is used: auth and tls are those of the emulator's info. If signatures are verified, callers
// are those of the admin API, and as is the access key that the user has chosen, or "".
export const access = { auth: "off", tls: false, callers: [], as: "" };

// callerFor returns the caller who signs requests for an account, or undefined: the chosen one, or else the first one
// of the account.
export const callerFor = (account) => access.callers.find(({ accessKeyId }) => accessKeyId === access.as)
  ?? access.callers.find((one) => one.account === account);

// authorization returns a header that selects an account and a region for an emulator that does not verify signatures.
export function authorization({ account, region }) {
  const date = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const scope = `${account}/${date}/${region}/ivschat/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`;
}

// sign returns the headers that sign a request. The emulator signs it for the host that it receives, and for the path
// without the prefix that a proxy removes. So the page does not know the secret.
async function sign(method, url, body, { account, region }) {
  if (access.auth === "off") return { Authorization: authorization({ account, region }) };
  const caller = callerFor(account);
  if (!caller) {
    throw new Failure(`None of the access keys belongs to account ${account}. Choose one under “As”.`, 0);
  }
  const path = "/" + url.pathname.slice(root.pathname.length);
  const { headers } = await admin("POST", `callers/${encodeURIComponent(caller.accessKeyId)}/sign`, {}, {
    method, path, query: url.search.slice(1), body, region,
  });
  return headers;
}

// request sends a request to AWS's API as an account in a region, and returns its output.
async function request(method, path, body, owner) {
  const url = new URL(path, root);
  const headers = { ...(await sign(method, url, body, owner)), "Content-Type": "application/json" };
  const text = await (await send(url, { method, headers, body })).text();
  return text === "" ? {} : JSON.parse(text);
}

// aws calls an operation of AWS's API as an account in a region, and returns its output.
export const aws = (operation, input, owner) => request("POST", operation, JSON.stringify(input), owner);

// setTags adds and removes tags, so that a resource has exactly these. The ARN is not percent-encoded, because some
// proxies decode the path, and then a signature would not be valid.
export async function setTags(arn, before, after, owner) {
  const removed = Object.keys(before).filter((key) => !(key in after));
  if (removed.length > 0) {
    const keys = removed.map((key) => "tagKeys=" + encodeURIComponent(key)).join("&");
    await request("DELETE", `tags/${arn}?${keys}`, undefined, owner);
  }
  if (Object.keys(after).length > 0) await request("POST", "tags/" + arn, JSON.stringify({ tags: after }), owner);
}

// capabilities are those that a chat token can have. Each is also the action that it allows.
export const capabilities = ["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"];

// ownerOf returns the account and the region of an ARN.
export function ownerOf(arn) {
  const [, , , region, account] = arn.split(":");
  return { account, region };
}

// connect opens a chat connection with a chat token. A proxy may serve only what follows the slash after its prefix.
export const connect = (token) => new WebSocket(messagingURL + "/", token);
