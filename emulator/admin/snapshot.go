package admin

import "net/http"

func (a *api) getSnapshot(w http.ResponseWriter, r *http.Request) error {
	text, err := a.State.Snapshot(r.Context(), accountOf(r))
	if err != nil {
		return err
	}
	return sendDocument(text)(w, r)
}

func (a *api) putSnapshot(w http.ResponseWriter, r *http.Request) error {
	text, err := readBody(w, r)
	if err != nil {
		return err
	}
	if err := a.State.Restore(r.Context(), accountOf(r), text); err != nil {
		return badRequest("%v", err)
	}
	return sendNothing(w)
}
