package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// answerTimeout is how long a server may take for an answer.
const answerTimeout = time.Minute

// Call calls an operation of AWS's API, and decodes the answer into output, unless that is nil. A refusal is a
// *chatclient.RefusedError. The caller is that of the configuration.
func (s *Service) Call(ctx context.Context, operation string, input, output any) error {
	return s.callAs(ctx, ivschat.Owner{AccountID: s.account, Region: s.region}, operation, input, output)
}

// CallFor is Call for an operation on the room with an ARN. The caller is the owner of the room, unless credentials
// decide about it.
func (s *Service) CallFor(ctx context.Context, room ivschat.ARN, operation string, input, output any) error {
	return s.callAs(ctx, room.Owner, operation, input, output)
}

func (s *Service) callAs(ctx context.Context, caller ivschat.Owner, operation string, input, output any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	body, err := json.Marshal(input)
	if err != nil {
		return err
	}
	reply, err := s.send(ctx, caller, operation, body)
	if err != nil {
		return unreachable(ctx, s.endpoint, err)
	}
	if !reply.OK() {
		return s.explained(ctx, refusal(operation, reply))
	}
	if output == nil {
		return nil
	}
	if reply.Long {
		return fmt.Errorf("the answer of %s to %s has more than %d bytes", s.endpoint, operation, awsapi.MaximumBody)
	}
	if err := json.Unmarshal(reply.Body, output); err != nil {
		return fmt.Errorf("%s answered %s with what is not the answer of IVS Chat: %w", s.endpoint, operation, err)
	}
	return nil
}

// send sends a request for an operation. It is signed, unless nothing is known about the caller.
func (s *Service) send(ctx context.Context, caller ivschat.Owner, operation string, body []byte) (awsapi.Reply, error) {
	key := s.credentialsFor(ctx)
	if key.id == "" && caller == (ivschat.Owner{}) {
		request, err := awsapi.NewRequest(ctx, http.MethodPost, s.endpoint+"/"+operation, body)
		if err != nil {
			return awsapi.Reply{}, err
		}
		return awsapi.Send(s.http, request)
	}
	if caller.AccountID == "" {
		caller.AccountID = "local" // an access key that selects the emulator's default account
	}
	if caller.Region == "" {
		caller.Region = s.defaultRegion(ctx)
	}
	endpoint := awsapi.Endpoint{URL: s.endpoint}.WithAccessKey(key.id, key.secret, key.session)
	return awsapi.NewClient(s.http, endpoint, "ivschat").Do(ctx, awsapi.Request{
		Account: caller.AccountID, Region: caller.Region, Method: http.MethodPost, Path: "/" + operation,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: body,
	})
}

// defaultRegion returns the region of requests that name none: that of the emulator if it says so.
func (s *Service) defaultRegion(ctx context.Context) string {
	if s.ask(ctx); s.knows && s.info.Region != "" && ivschat.IsRegion(s.info.Region) {
		return s.info.Region
	}
	return "us-east-1"
}

// refusal returns the error for a reply that refuses an operation.
func refusal(operation string, reply awsapi.Reply) *chatclient.RefusedError {
	e := &chatclient.RefusedError{
		Request: operation, Status: reply.Status, RequestID: awsapi.Short(reply.Header.Get("X-Amzn-Requestid")),
	}
	e.ErrorType, e.Message = reply.Exception()
	var members struct{ FieldList []chatclient.FieldError }
	if json.Unmarshal(reply.Body, &members) == nil {
		e.FieldList = members.FieldList
	}
	if e.Message == "" && e.ErrorType == "" {
		e.Message = strings.TrimSpace(string(reply.Redirect()))
	}
	return e
}

// explained adds what to do to a refusal of an emulator that does not know the access key, or gets none.
func (s *Service) explained(ctx context.Context, refused *chatclient.RefusedError) error {
	switch refused.ErrorType {
	case ivschat.MissingAuthenticationTokenException.Name, ivschat.UnrecognizedClient.Name,
		ivschat.InvalidSignatureException.Name:
		if s.ask(ctx); s.knows {
			return fmt.Errorf("%w: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to an access key of the emulator; "+
				"ivschat-local env --auth signatures prints one if it has the emulator's --data or --credentials", refused)
		}
	}
	return refused
}
