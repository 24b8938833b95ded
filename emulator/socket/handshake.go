package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator/clientip"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/journal"
	"github.com/ivschat-local/ivschat-local/emulator/room"
)

// ServeHTTP upgrades the connection of a client that offers a valid chat token as its subprotocol.
// The connection is then served until it ends.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := checkRequest(w, r); err != nil {
		h.refuse(w, ivschat.ChatToken{}, h.exception(err))
		return
	}
	if err := h.enter(); err != nil {
		h.refuse(w, ivschat.ChatToken{}, h.exception(err))
		return
	}
	offered := websocket.Subprotocols(r)
	_, region := ivschat.ParseHost(r.Host)
	token, session, err := h.admit(r.Context(), region, offered, h.applyFault)
	if err != nil {
		h.open.Done()
	}
	if broken, ok := errors.AsType[*brokenHandshake](err); ok {
		h.breakHandshake(w, token, broken.firing)
		return
	}
	if err != nil {
		h.refuse(w, token, h.exception(err))
		return
	}
	h.connect(session, r.Header.Get("Sec-Websocket-Key"), offered[0], clientip.Forwarded(r), func() (*wire, error) {
		return takeOver(w)
	})
}

// connect answers the handshake of a client that was admitted, over the connection that take returns. A proxy may
// have passed on the IP address of the client. The session is served until it ends.
func (h *Handler) connect(
	session *room.Session, key, protocol, forwarded string, take func() (*wire, error),
) {
	token := session.Token
	c := &conn{handler: h, session: session, forwarded: forwarded}
	wire, err := take()
	if err == nil {
		c.wire = wire
		session.Attach(c)
		err = wire.answer(key, protocol)
	}
	if err != nil { // the connection broke
		h.Logger.Warn("a WebSocket handshake failed", "error", err, "room", token.Room)
		h.record(token, http.StatusBadRequest, err.Error())
		h.leave(session, "handshake failed")
		return
	}
	// The session may end before await. Close then waits for await, too, which may start the poller.
	h.open.Add(1)
	defer h.open.Done()
	c.waiting.Store(true)
	h.mu.Lock()
	h.sessions[session] = c
	h.mu.Unlock()
	h.Logger.Info("a client connected", "room", token.Room,
		"session_expiration_time", token.SessionExpirationTime, "service_time", h.now(token))
	awake := wire.hasInput()
	session.Start(c)
	if awake {
		c.wake()
	} else {
		h.await(c)
	}
}

// admit checks the token that the client offers as its first subprotocol, uses it, and opens the session. The session
// begins before the client learns that it is connected, so that it misses nothing of what is sent from then on. The
// region is that of the host that the client connected to, "" if the host has none. The reasons for which admit refuses
// are decisions D28 and D74. A panic is an internal error.
func (h *Handler) admit(
	ctx context.Context, region string, offered []string, applyFault func(context.Context, ivschat.ChatToken) error,
) (token ivschat.ChatToken, session *room.Session, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	if len(offered) == 0 {
		return token, nil, unauthorized("the request has no chat token: send one as the WebSocket subprotocol")
	}
	token, err = h.Tokens.OpenChatToken(ctx, offered[0])
	if errors.Is(err, ivschat.ErrInvalidToken) {
		return token, nil, unauthorized("the chat token was not issued by this emulator, or it was changed")
	}
	if err != nil {
		return token, nil, err
	}
	if room := token.Room.Owner.Region; region != "" && room != region {
		return token, nil, unauthorized("the room of the chat token is in " + room + ", but this host is the messaging " +
			"endpoint of " + region + ": connect to edge.ivschat." + room + ".amazonaws.com")
	}
	if err := h.check(ctx, token); err != nil {
		return token, nil, err
	}
	if err := applyFault(ctx, token); err != nil {
		return token, nil, err
	}
	if err := h.ctx.Err(); err != nil {
		return token, nil, err
	}
	// A token that has expired before Earliest never opens a connection again, so its use need not be
	// remembered.
	first, err := h.UsedTokens.UseToken(ctx, token.ID, h.Clock.Earliest(), token.TokenExpirationTime)
	if err != nil {
		return token, nil, err
	}
	if !first {
		return token, nil, unauthorized("the chat token was already used, and a token opens only one " +
			"connection: create a new one")
	}
	session, err = h.join(token) // if that fails, the token stays used, as if the answer were lost (decision D89)
	return token, session, err
}

// check checks that the token can open a connection now, unless it was used.
func (h *Handler) check(ctx context.Context, token ivschat.ChatToken) error {
	if now := h.now(token); !now.Before(token.TokenExpirationTime) {
		return unauthorized("the chat token expired at " + token.TokenExpirationTime.Format(time.RFC3339) +
			", and the service's clock is at " + now.UTC().Format(time.RFC3339) + ": create a new one")
	}
	_, err := h.Rooms.Room(ctx, token.Room)
	return err
}

// now returns the service's time for the account of a token.
func (h *Handler) now(token ivschat.ChatToken) time.Time {
	return h.Clock.Account(token.Room.Owner.AccountID).Now()
}

func unauthorized(reason string) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.NotAuthorized, Message: reason}
}

func unavailable(reason string) *ivschat.Exception {
	return &ivschat.Exception{Type: ivschat.ServiceUnavailable, Message: reason}
}

// exception returns the exception to answer with. Other errors are logged, and not shown to clients.
func (h *Handler) exception(err error) *ivschat.Exception {
	if exception, ok := errors.AsType[*ivschat.Exception](err); ok {
		return exception
	}
	if errors.Is(err, context.Canceled) {
		return unavailable("the handshake was cancelled")
	}
	h.Logger.Error("internal error", "error", err)
	return &ivschat.Exception{Type: ivschat.InternalServerException, Message: "internal error"}
}

// refuse answers a refused handshake. It also logs the reason, because browsers hide the answer.
func (h *Handler) refuse(w http.ResponseWriter, token ivschat.ChatToken, exception *ivschat.Exception) {
	where := "unknown"
	if token.Room != (ivschat.ARN{}) {
		where = token.Room.String()
	}
	h.Logger.Warn("a WebSocket handshake was refused",
		"status", exception.Type.Status, "reason", exception.Message, "room", where)
	h.record(token, exception.Type.Status, exception.Message)
	text, _ := json.Marshal(map[string]string{"message": exception.Message}) // strings never fail
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-amzn-ErrorType", exception.Type.Name)
	if exception.Type.Name == ivschat.MalformedHTTPRequest.Name {
		w.Header().Set("Sec-WebSocket-Version", supportedVersion) // RFC 6455, section 4.2.2
		w.Header().Set("Connection", "close")                     // or the answer waits for the rest of a body
	}
	w.WriteHeader(exception.Type.Status)
	_, _ = w.Write(text)
}

// record writes a refused handshake to the journal.
func (h *Handler) record(token ivschat.ChatToken, status int, reason string) {
	e := journal.Entry{
		Time: h.now(token), Kind: journal.Handshake, UserID: token.UserID, Status: status, Reason: reason,
	}
	if token.Room != (ivschat.ARN{}) {
		e = e.About(token.Room)
	}
	h.Journal.Add(e)
}
