package admin

import "net/http"

func (d door) reset(w http.ResponseWriter, r *http.Request) error {
	if err := d.State.Reset(r.Context(), account(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d door) getSnapshot(w http.ResponseWriter, r *http.Request) error {
	text, err := d.State.Snapshot(r.Context(), account(r))
	if err != nil {
		return err
	}
	return document(text)(w, r)
}

func (d door) putSnapshot(w http.ResponseWriter, r *http.Request) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	if err := d.State.Restore(r.Context(), account(r), text); err != nil {
		return badRequest("%v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
