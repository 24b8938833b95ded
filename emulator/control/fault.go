package control

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// A brokenAnswer is the error for a request that a fault answers in another form than an exception.
type brokenAnswer struct{ effect fault.Effect }

// Error says that the emulator did not fail.
func (*brokenAnswer) Error() string { return "a fault broke the answer" }

// status returns the HTTP status of the answer, 0 when there is none.
func (b *brokenAnswer) status() int {
	response, _ := b.effect.(fault.ReturnStatus)
	return response.Status
}

// write answers as the fault says, or resets the connection.
func (b *brokenAnswer) write(w http.ResponseWriter) {
	if response, ok := b.effect.(fault.ReturnStatus); ok {
		response.WriteTo(w)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // a connection that cannot be reset is cut off
	}
	fault.Reset(conn)
}

// applyFault carries out the fault that fires for a request, if one does. The members need not be
// valid, because the fault comes before they are checked.
func (a *API) applyFault(r request, operation string, members map[string]any) error {
	if !a.Faults.Armed() {
		return nil
	}
	room := firstText(members, "roomIdentifier", "identifier", "resourceArn")
	account := r.call.owner().AccountID
	firing := a.Faults.Fire(fault.Point{
		Operation: operation, Account: account, Room: room, UserID: firstText(members, "userId"),
	})
	if firing == nil {
		return nil
	}
	firing.Wait(r.Context())
	switch effect := firing.Effect.(type) {
	case fault.ReturnException:
		id := account
		if arn, err := ivschat.ParseARN(room); err == nil {
			id = arn.ID
		}
		return effect.Exception(id)
	case nil: // only a delay
		return nil
	default:
		return &brokenAnswer{effect}
	}
}

// firstText returns the first of the members that is a string, or "".
func firstText(members map[string]any, names ...string) string {
	for _, name := range names {
		if value, ok := members[name].(string); ok {
			return value
		}
	}
	return ""
}
