package admin

import "net/http"

// reset answers when the state is reset and the connections are closed.
func (a *api) reset(w http.ResponseWriter, r *http.Request) error {
	if err := a.State.Reset(r.Context(), accountOf(r)); err != nil {
		return err
	}
	return sendNothing(w)
}
