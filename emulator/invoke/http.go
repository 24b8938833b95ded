package invoke

import (
	"context"
	"net/http"
)

// A web is the Invoker of the targets http://… and https://…: it posts the event, and the answer is the body
// of the response.
type web struct {
	client *http.Client
	url    string
}

// Invoke posts the event. Every status but 2xx is an error.
func (w *web) Invoke(ctx context.Context, call Call) ([]byte, error) {
	request, err := newRequest(ctx, http.MethodPost, w.url, call.Event)
	if err != nil {
		return nil, err
	}
	reply, err := send(w.client, request)
	switch {
	case err != nil:
		return nil, unreachable(ctx, display(w.url), err, "start the server, or correct --review-handler")
	case !reply.ok():
		return nil, serverError("%s answered with status %d%s: it must answer with 200 and the review",
			display(w.url), reply.status, reply.redirect())
	case reply.long:
		return nil, &LongAnswerError{}
	}
	return reply.body, nil
}

// Close does nothing. The client belongs to the Targets.
func (w *web) Close() {}
