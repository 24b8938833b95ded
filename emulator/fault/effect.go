package fault

import (
	"cmp"
	"fmt"
	"net"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/messaging"
	"github.com/ivschat-local/ivschat-local/emulator/model"
)

// An Effect is what a rule does at the point where it fires. It is one of the types in this file. The
// point carries it out.
type Effect interface {
	// name returns the effect's member in the JSON form of a rule.
	name() string
	// suits reports whether the effect is possible at points of that type.
	suits(pointType) bool
}

// ReturnException answers an operation, or the WebSocket handshake, with an exception.
type ReturnException struct {
	Name       string // one that the operation declares, or a common error; see handshakeExceptions
	Message    string // "" means a message that names the fault
	ResourceID string // "" means the ID of the room, or of the account
	Limit      int    // 0 means the limit that AWS publishes
	Reason     ivschat.ValidationReason
	Fields     []ivschat.ValidationField
}

// ReturnStatus answers an operation, or the WebSocket handshake, with an HTTP status and a body. The
// answer of an operation has the headers that all its answers have: those for browsers, and a request ID. At a
// review, it is the answer of the server that runs the function: with a status from 200 to 299, the body is the
// answer of the function, and with another one the function could not be invoked.
type ReturnStatus struct {
	Status      int
	Body        string
	ContentType string // "" means text/html if there is a body, and not Bare
	Bare        bool   // the answer has only what is in this struct, like that of a gateway (decision D37)
}

// SendError answers an action, or a message that is to be reviewed, with an ERROR frame.
type SendError struct {
	Code    ivschat.ErrorCode
	Message string // "" means "fault"
}

// Frame returns the ERROR frame.
func (e SendError) Frame() *messaging.Error {
	return &messaging.Error{Code: e.Code, Message: cmp.Or(e.Message, "fault")}
}

// CloseConnection closes the WebSocket with a close code.
type CloseConnection struct{ Code int }

// Check returns an error for a code that a close frame must not have.
func (e CloseConnection) Check() error {
	if canBeSent(e.Code) {
		return nil
	}
	return fmt.Errorf("close must be a close code that can be sent, for instance 1001 or 4000, but is %d", e.Code)
}

// ResetConnection resets the TCP connection. At a review, it is that to the function, which is not invoked.
type ResetConnection struct{}

// SilenceConnection leaves the connection open, but nothing is read from it or written to it any
// more.
type SilenceConnection struct{}

// DropFrame drops a frame. The client gets no answer to an action. At a review, there is no answer of the function
// until the timeout.
type DropFrame struct{}

// DuplicateFrame sends a frame twice.
type DuplicateFrame struct{}

// ReorderFrame sends a frame after the one that follows it.
type ReorderFrame struct{}

// CorruptFrame sends only the first half of a frame, or of the answer of the function that reviews a message.
type CorruptFrame struct{}

// FailChange lets an operation that creates, updates or deletes a logging configuration succeed, but the change fails
// later: it ends in CREATE_FAILED, UPDATE_FAILED or DELETE_FAILED.
type FailChange struct{}

func (ReturnException) name() string   { return "exception" }
func (ReturnStatus) name() string      { return "status" }
func (SendError) name() string         { return "error" }
func (CloseConnection) name() string   { return "close" }
func (ResetConnection) name() string   { return "reset" }
func (SilenceConnection) name() string { return "silence" }
func (DropFrame) name() string         { return "frame drop" }
func (DuplicateFrame) name() string    { return "frame duplicate" }
func (ReorderFrame) name() string      { return "frame reorder" }
func (CorruptFrame) name() string      { return "frame corrupt" }
func (FailChange) name() string        { return "fail" }

func (ReturnException) suits(t pointType) bool { return t == operationPoint || t == handshakePoint }
func (ReturnStatus) suits(t pointType) bool {
	return t == operationPoint || t == handshakePoint || t == reviewPoint
}
func (SendError) suits(t pointType) bool         { return t == actionPoint || t == reviewPoint }
func (CloseConnection) suits(t pointType) bool   { return t == actionPoint || t == framePoint }
func (ResetConnection) suits(pointType) bool     { return true }
func (SilenceConnection) suits(t pointType) bool { return t == actionPoint || t == framePoint }
func (DropFrame) suits(t pointType) bool {
	return t == actionPoint || t == framePoint || t == reviewPoint
}
func (DuplicateFrame) suits(t pointType) bool { return t == framePoint }
func (ReorderFrame) suits(t pointType) bool   { return t == framePoint }
func (CorruptFrame) suits(t pointType) bool   { return t == framePoint || t == reviewPoint }
func (FailChange) suits(t pointType) bool     { return t == operationPoint }

// changes are the operations whose change can fail after their answer.
var changes = []string{"CreateLoggingConfiguration", "UpdateLoggingConfiguration", "DeleteLoggingConfiguration"}

// breaksConnection reports whether the effect ends a connection or silences it.
func breaksConnection(effect Effect) bool {
	switch effect.(type) {
	case CloseConnection, ResetConnection, SilenceConnection:
		return true
	default:
		return false
	}
}

// Exception returns the exception with which the operation, or the handshake, is answered. The resource
// ID is used if the effect has none.
func (e ReturnException) Exception(operation, resourceID string) *ivschat.Exception {
	exceptionType, _ := ivschat.FindExceptionType(e.Name) // a rule with another name is not accepted
	exception := &ivschat.Exception{
		Type: exceptionType, Reason: e.Reason, Fields: e.Fields,
		Message:    cmp.Or(e.Message, "fault "+e.Name),
		ResourceID: cmp.Or(e.ResourceID, resourceID),
		Limit:      cmp.Or(e.Limit, publishedLimit(exceptionType, operation)),
	}
	switch {
	case exception.Reason != "" || exceptionType.Members != ivschat.ReasonMembers:
	case len(exception.Fields) > 0:
		exception.Reason = ivschat.FieldValidationFailed
	default:
		exception.Reason = ivschat.OtherReason
	}
	return exception
}

// publishedLimit returns the limit that AWS publishes, and that an exception of this type is about when
// the operation returns it: the quota of what the operation creates, or the operation's request rate. It
// is 0 for other types.
func publishedLimit(exceptionType ivschat.ExceptionType, operation string) int {
	switch {
	case exceptionType == ivschat.ThrottlingException:
		op, _ := model.Find(operation)
		return op.Rate
	case exceptionType != ivschat.ServiceQuotaExceededException:
		return 0
	case operation == "CreateLoggingConfiguration":
		return ivschat.LoggingConfigurationQuota
	default: // CreateRoom, the only other operation that can exceed a quota
		return ivschat.RoomQuota
	}
}

// Respond answers an HTTP request with a ReturnStatus, or resets its connection for a
// ResetConnection.
func Respond(w http.ResponseWriter, effect Effect) {
	if response, ok := effect.(ReturnStatus); ok {
		response.write(w)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the connection cannot be reset, so net/http closes it
	}
	Reset(conn)
}

func (e ReturnStatus) write(w http.ResponseWriter) {
	switch {
	case e.ContentType != "":
		w.Header().Set("Content-Type", e.ContentType)
	case e.Body != "" && !e.Bare:
		w.Header().Set("Content-Type", "text/html")
	default:
		w.Header()["Content-Type"] = nil // otherwise net/http guesses
	}
	w.WriteHeader(e.Status)
	_, _ = w.Write([]byte(e.Body))
}

// Reset resets a TCP connection: the other side sees a reset instead of an orderly end. Any other
// connection is closed. A connection with a method NetConn, as that of tls.Conn, has the TCP connection below it,
// and does not tell the other side.
func Reset(conn net.Conn) {
	for {
		above, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = above.NetConn()
	}
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
