// What happened in a room, as rows of a chat. Nothing here needs a page.

// Requests and deletions that a row may still need: at most so many of each are kept.
const remembered = 5000;

// remember adds to a map that forgets its oldest entries.
function remember(map, key, value) {
  map.delete(key);
  map.set(key, value);
  if (map.size > remembered) map.delete(map.keys().next().value);
}

const key = (...parts) => JSON.stringify(parts);

// What a client asked for, or everybody is told about: the action, the RequestId and the target.
const asked = ({ Action, RequestId = "", Id, UserId }) =>
  key(Action, RequestId, Action === "DELETE_MESSAGE" ? Id : UserId);

// A Chat makes rows of the entries of a room, in the order in which they happened. What a row needs of earlier
// entries is kept: the request that an ERROR is about, the review of a message, who moderated.
export class Chat {
  requests = new Map(); // by user and RequestId
  moderators = new Map(); // by what they asked for
  reviews = new Map(); // that changed a message, or did not decide, by MessageId
  deletions = new Map(); // by the ID of the message

  // rows returns a row for each entry that is one. A row has the id, eventId and time of its entry, and a kind:
  // message, event, deletion, kick, denied, connect, disconnect or fault.
  rows = (entries) => entries.map((entry) => this.row(entry)).filter(Boolean);

  row(entry) {
    const { id, eventId, time, kind, userId, reason, frame } = entry;
    const row = { id, eventId, time, kind, userId, reason, entry };
    if (kind === "review") this.review(entry);
    if (kind !== "frame") return ["connect", "disconnect", "fault"].includes(kind) ? row : undefined;
    if (entry.direction === "in") {
      this.request(entry);
      return undefined;
    }
    row.frame = frame;
    if (frame?.Type === "ERROR") return this.denied(row);
    if (frame?.Type === "MESSAGE") {
      this.requests.delete(key(frame.Sender.UserId, frame.RequestId)); // it was answered
      return { ...row, kind: "message", review: this.reviews.get(frame.Id) };
    }
    return frame?.Type === "EVENT" ? this.event(row) : undefined;
  }

  request({ userId, frame, text, frameBytes }) {
    const isObject = frame !== null && typeof frame === "object";
    const known = isObject ? frame : { Content: text ?? (frameBytes ? `${frameBytes} bytes` : frame) };
    remember(this.requests, key(userId, known.RequestId ?? ""), known);
    if (known.Action !== "SEND_MESSAGE") remember(this.moderators, asked(known), userId);
  }

  denied(row) {
    const id = key(row.userId, row.frame.RequestId);
    const request = this.requests.get(id);
    this.requests.delete(id);
    if (request) this.moderators.delete(asked(request));
    return { ...row, kind: "denied", request };
  }

  review({ request, response, review, reason }) {
    if (review.verdict !== "ALLOW" || !request?.MessageId) return;
    const changed = review.decidedBy === "handler" && response && (
      (response.Content ?? request.Content) !== request.Content ||
      (response.Attributes && key(response.Attributes) !== key(request.Attributes)));
    if (!changed && !review.failure) return;
    const before = changed ? request : undefined;
    remember(this.reviews, request.MessageId, { before, failure: review.failure, reason });
  }

  event(row) {
    const { EventName, Attributes, RequestId } = row.frame;
    const { MessageId, UserId, Reason } = Attributes ?? {};
    const kind = { "aws:DELETE_MESSAGE": "deletion", "aws:DISCONNECT_USER": "kick" }[EventName] ?? "event";
    if (kind === "event" || row.entry.operation === "SendEvent") return { ...row, kind: "event" };
    const Action = EventName.slice("aws:".length);
    const request = asked({ Action, RequestId, Id: MessageId, UserId });
    const by = this.moderators.get(request);
    this.moderators.delete(request);
    if (by !== undefined) this.requests.delete(key(by, RequestId));
    const way = by === undefined ? { deletion: "DeleteMessage", kick: "DisconnectUser" }[kind] : Action;
    const moderated = { ...row, kind, target: MessageId ?? UserId, by, way, reason: Reason };
    if (kind === "deletion" && !this.deletions.has(MessageId)) {
      remember(this.deletions, MessageId, moderated);
    }
    return moderated;
  }
}
