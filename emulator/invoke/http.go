package invoke

import (
	"context"
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/awsapi"
)

// A web is the Invoker of the targets http://… and https://…: it posts the event, and the answer is the body
// of the response.
type web struct {
	client *http.Client
	url    string
}

// Invoke posts the event. Every status but 2xx is an error.
func (w *web) Invoke(ctx context.Context, call Call) ([]byte, error) {
	request, err := awsapi.NewRequest(ctx, http.MethodPost, w.url, call.Event)
	if err != nil {
		return nil, err
	}
	reply, err := awsapi.Send(w.client, request)
	switch {
	case err != nil:
		return nil, awsapi.Unreachable(ctx, awsapi.DisplayURL(w.url), err,
			"start the server, or correct --review-handler")
	case !reply.OK():
		return nil, awsapi.Errorf("%s answered with status %d%s: it must answer with 200 and the review",
			awsapi.DisplayURL(w.url), reply.Status, reply.Redirect())
	case reply.Long:
		return nil, &LongAnswerError{}
	}
	return reply.Body, nil
}

// Close does nothing. The client belongs to the Targets.
func (w *web) Close() {}
