package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

type backend struct {
	chat         *ivschat.Client
	messagingURL string
	moderators   []string
}

// newBackend returns the back end. Users whose names are among the moderators may delete messages and disconnect users.
func newBackend(chat *ivschat.Client, messagingURL string, moderators ...string) http.Handler {
	b := &backend{chat, messagingURL, moderators}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /join", b.join)
	mux.HandleFunc("POST /kick", b.kick)
	mux.HandleFunc("POST /announce", b.announce)
	return mux
}

// A request is the body of all requests. Room is an ARN.
type request struct {
	Room string `json:"room"`
	User string `json:"user"` // for join and kick
	Text string `json:"text"` // for announce
}

// An invitation is what a browser needs to connect.
type invitation struct {
	Token        string    `json:"token"`
	Expires      time.Time `json:"expires"` // then the session ends
	MessagingURL string    `json:"messagingUrl"`
}

func (b *backend) join(w http.ResponseWriter, r *http.Request) {
	input, ok := read(w, r)
	if !ok {
		return
	}
	capabilities := []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage}
	if slices.Contains(b.moderators, input.User) {
		capabilities = append(capabilities, types.ChatTokenCapabilityDeleteMessage, types.ChatTokenCapabilityDisconnectUser)
	}
	created, err := b.chat.CreateChatToken(r.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &input.Room, UserId: &input.User, Capabilities: capabilities,
	})
	if err != nil {
		fail(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(invitation{
		aws.ToString(created.Token), aws.ToTime(created.SessionExpirationTime), b.messagingURL,
	})
}

func (b *backend) kick(w http.ResponseWriter, r *http.Request) {
	input, ok := read(w, r)
	if !ok {
		return
	}
	_, err := b.chat.DisconnectUser(r.Context(), &ivschat.DisconnectUserInput{
		RoomIdentifier: &input.Room, UserId: &input.User, Reason: aws.String("Kicked by a moderator"),
	})
	finish(w, err)
}

func (b *backend) announce(w http.ResponseWriter, r *http.Request) {
	input, ok := read(w, r)
	if !ok {
		return
	}
	_, err := b.chat.SendEvent(r.Context(), &ivschat.SendEventInput{
		RoomIdentifier: &input.Room, EventName: aws.String("announcement"), Attributes: map[string]string{"text": input.Text},
	})
	finish(w, err)
}

// read reads a request. If it is not JSON, it answers.
func read(w http.ResponseWriter, r *http.Request) (input request, ok bool) {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&input); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return request{}, false
	}
	return input, true
}

func finish(w http.ResponseWriter, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// fail answers what a failure of Amazon IVS Chat means for the caller.
func fail(w http.ResponseWriter, err error) {
	log.Print(err)
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		http.Error(w, "There is no such room.", http.StatusNotFound)
	} else if _, ok := errors.AsType[*types.ValidationException](err); ok {
		http.Error(w, "The request is not valid.", http.StatusBadRequest)
	} else {
		http.Error(w, "The chat is not available.", http.StatusBadGateway)
	}
}
