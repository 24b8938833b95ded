package chatclient

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A ControlPlane calls operations of an emulator. It does not sign its requests,
// so AWS refuses them.
type ControlPlane struct {
	Endpoint   string       // for instance http://127.0.0.1:4700
	AccountID  string       // 12 digits; the caller's account
	Region     string       // for instance us-east-1
	HTTPClient *http.Client // nil means http.DefaultClient
}

// A CreateRoomInput has the members of CreateRoom that chat clients depend on.
// The service has defaults for members that are zero.
type CreateRoomInput struct {
	Name                        string `json:"name,omitempty"`
	MaximumMessageLength        int    `json:"maximumMessageLength,omitempty"`        // in characters
	MaximumMessageRatePerSecond int    `json:"maximumMessageRatePerSecond,omitempty"` // of the whole room
}

// CreateRoom creates a room and returns its ARN. A refusal is a *RefusedError.
func (p ControlPlane) CreateRoom(ctx context.Context, input CreateRoomInput) (arn string, err error) {
	var output struct{ ARN string }
	err = p.call(ctx, "CreateRoom", input, &output)
	return output.ARN, err
}

// A CreateChatTokenInput has the members of CreateChatToken. The service requires
// the first two, and has defaults for the others if they are zero.
type CreateChatTokenInput struct {
	RoomIdentifier           string            `json:"roomIdentifier"` // ARN
	UserID                   string            `json:"userId"`
	Capabilities             []string          `json:"capabilities,omitempty"` // for instance SEND_MESSAGE
	Attributes               map[string]string `json:"attributes,omitempty"`
	SessionDurationInMinutes int               `json:"sessionDurationInMinutes,omitempty"`
}

// CreateChatToken creates a chat token and returns it. A refusal is a
// *RefusedError.
func (p ControlPlane) CreateChatToken(ctx context.Context, input CreateChatTokenInput) (token string, err error) {
	var output struct{ Token string }
	err = p.call(ctx, "CreateChatToken", input, &output)
	return output.Token, err
}

// call posts the input and decodes the answer into output.
func (p ControlPlane) call(ctx context.Context, operation string, input, output any) error {
	body, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("encode the input of %s: %w", operation, err)
	}
	address := strings.TrimSuffix(p.Endpoint, "/") + "/" + operation
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("call %s: %w", operation, err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", p.credentialScope())
	response, err := cmp.Or(p.HTTPClient, http.DefaultClient).Do(request)
	if err != nil {
		return fmt.Errorf("call %s: %w", operation, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return refused(operation, response)
	}
	if err := json.NewDecoder(response.Body).Decode(output); err != nil {
		return fmt.Errorf("decode the answer of %s: %w", operation, err)
	}
	return nil
}

// credentialScope returns an Authorization header whose credential scope names
// account and region, and whose signature is not one. An emulator reads the
// scope and checks neither date nor signature (decision D21).
func (p ControlPlane) credentialScope() string {
	return "AWS4-HMAC-SHA256 Credential=" + p.AccountID + "/20260101/" + p.Region +
		"/ivschat/aws4_request, SignedHeaders=host, Signature=none"
}
