// Command web is a small web application with a chat: a page, and the back end that gives it chat tokens.
//
// The AWS SDK takes the address of Amazon IVS Chat from AWS_ENDPOINT_URL_IVSCHAT, and that of AWS without it. The
// page connects to the address in CHAT_URL, or to that of AWS.
package main

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
)

//go:embed index.html
var page []byte

func main() {
	settings, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	ofAWS := "wss://edge.ivschat." + settings.Region + ".amazonaws.com"
	chat := chat{ivschat.NewFromConfig(settings), cmp.Or(os.Getenv("CHAT_URL"), ofAWS)}
	http.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
	http.HandleFunc("POST /join", chat.join)
	log.Fatal(http.ListenAndServe(":8080", nil))
}

// A chat gives out chat tokens for the room named lobby.
type chat struct {
	client *ivschat.Client
	url    string // where the page connects
}

// join answers a user, {"user": "anna"}, with a chat token and the URL for it.
func (c chat) join(w http.ResponseWriter, r *http.Request) {
	var input struct{ User string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&input); err != nil || input.User == "" {
		http.Error(w, "the body must be JSON with a user", http.StatusBadRequest)
		return
	}
	token, err := c.token(r.Context(), input.User)
	if err != nil {
		log.Print(err)
		http.Error(w, "there is no chat now", http.StatusBadGateway)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"token": token, "url": c.url})
}

func (c chat) token(ctx context.Context, user string) (string, error) {
	room, err := c.room(ctx)
	if err != nil {
		return "", err
	}
	output, err := c.client.CreateChatToken(ctx, &ivschat.CreateChatTokenInput{
		RoomIdentifier: aws.String(room), UserId: aws.String(user),
		Capabilities: []types.ChatTokenCapability{types.ChatTokenCapabilitySendMessage},
	})
	if err != nil {
		return "", err
	}
	return *output.Token, nil
}

// room returns the ARN of the room, which it creates if there is none.
func (c chat) room(ctx context.Context) (string, error) {
	rooms, err := c.client.ListRooms(ctx, &ivschat.ListRoomsInput{Name: aws.String("lobby")})
	if err != nil {
		return "", err
	}
	if len(rooms.Rooms) > 0 {
		return *rooms.Rooms[0].Arn, nil
	}
	room, err := c.client.CreateRoom(ctx, &ivschat.CreateRoomInput{Name: aws.String("lobby")})
	if err != nil {
		return "", err
	}
	return *room.Arn, nil
}
