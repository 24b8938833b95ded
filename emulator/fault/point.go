package fault

import (
	"slices"
	"unicode/utf8"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/model"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// Points that are neither operations of the control plane nor actions.
const (
	Handshake    = "CONNECT"                    // the WebSocket handshake
	MessageFrame = string(ivschat.FrameMessage) // a MESSAGE frame before it is sent to a client
	EventFrame   = string(ivschat.FrameEvent)   // an EVENT frame before it is sent to a client
	ErrorFrame   = string(ivschat.FrameError)   // an ERROR frame before it is sent to a client
	Review       = "REVIEW"                     // the review of a message by its handler
)

// A Point is where something can go wrong, at the moment when it can.
type Point struct {
	Operation    string // as in Rule
	Account      string
	Room         string // ARN; "" when there is none
	UserID       string
	Capabilities []ivschat.Capability // of the chat token
}

// SessionPoint returns the point of an operation of a chat client, who has connected with this chat token.
func SessionPoint(operation string, token ivschat.ChatToken) Point {
	return Point{
		Operation:    operation,
		Account:      token.Room.Owner.AccountID,
		Room:         token.Room.String(),
		UserID:       token.UserID,
		Capabilities: token.Capabilities,
	}
}

// roomMembers are the members of a request that name the room, or another resource.
var roomMembers = []string{"roomIdentifier", "identifier", "resourceArn"}

// maximumARNLength is the length of the longest ARN (model: RoomArn, LoggingConfigurationArn).
const maximumARNLength = 128

// userMember is the member of a request that names a user.
const userMember = "userId"

// OperationPoint returns the point of a request to the control plane. The members need not be valid. What
// is not an ARN or a user ID is left out: points get into the log and the journal, and it could be anything.
func OperationPoint(operation, account string, members map[string]any) Point {
	p := Point{Operation: operation, Account: account}
	for _, name := range roomMembers {
		if room, ok := members[name].(string); ok {
			if _, err := ivschat.ParseARN(room); err == nil && len(room) <= maximumARNLength {
				p.Room = room
			}
			break
		}
	}
	if user, _ := members[userMember].(string); utf8.RuneCountInString(user) <= ivschat.MaximumUserIDLength {
		p.UserID = user
	}
	return p
}

// A pointType is a group of points that have the same effects.
type pointType int

const (
	operationPoint pointType = iota
	actionPoint
	framePoint
	handshakePoint
	reviewPoint
)

var frameNames = []string{MessageFrame, EventFrame, ErrorFrame}

// typeOf returns the type of the points that a rule's operation names.
func typeOf(operation string) (t pointType, known bool) {
	switch {
	case slices.Contains(ivschat.Actions(), ivschat.Action(operation)):
		return actionPoint, true
	case slices.Contains(frameNames, operation):
		return framePoint, true
	case operation == Handshake:
		return handshakePoint, true
	case operation == Review:
		return reviewPoint, true
	default:
		_, known := model.Find(operation)
		return operationPoint, known
	}
}

// pointNames lists what a rule's operation can be.
func pointNames() []string {
	names := append(model.Names(), Handshake, Review)
	for _, action := range ivschat.Actions() {
		names = append(names, string(action))
	}
	return append(names, frameNames...)
}

// handshakeExceptions are the exceptions with which a handshake can be refused. No document declares
// any.
var handshakeExceptions = []ivschat.ExceptionType{
	ivschat.NotAuthorized, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
	ivschat.ServiceUnavailable, ivschat.InternalServerException, ivschat.ThrottlingException,
}

// possibleExceptions returns the exceptions that a rule for the operation can use: those that the
// operation declares, and the common errors (decision D36).
func possibleExceptions(operation string) []ivschat.ExceptionType {
	if operation == Handshake {
		return handshakeExceptions
	}
	op, _ := model.Find(operation)
	possible := slices.Clone(op.Errors)
	for _, common := range ivschat.CommonErrors() {
		if !slices.Contains(possible, common) {
			possible = append(possible, common)
		}
	}
	return possible
}

// requestHas reports whether a request of the operation has one of the members.
func requestHas(operation string, names ...string) bool {
	op, _ := model.Find(operation)
	return slices.ContainsFunc(op.Input.Members, func(m shape.Member) bool {
		return slices.Contains(names, m.Name)
	})
}
