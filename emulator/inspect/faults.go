package inspect

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func (d door) getFaults(w http.ResponseWriter, r *http.Request) error {
	return answer(w, http.StatusOK, map[string]any{"faults": d.Faults.Rules(account(r))})
}

// postFaults adds a rule, or several, which are all added or none.
func (d door) postFaults(w http.ResponseWriter, r *http.Request) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	var rules []fault.Rule
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		err = decode(text, &rules)
	} else {
		rules = make([]fault.Rule, 1)
		err = decode(text, &rules[0])
	}
	if err != nil {
		return err
	}
	if limit := account(r); limit != "" {
		for i := range rules {
			rules[i].Account = limit
		}
	}
	added, err := d.Faults.Add(rules...)
	if err != nil {
		return badRequest("%v", err)
	}
	return answer(w, http.StatusCreated, map[string]any{"faults": added})
}

func (d door) deleteFaults(w http.ResponseWriter, r *http.Request) error {
	d.Faults.Clear(account(r))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d door) deleteFault(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(mux.Vars(r)["id"])
	if err != nil || !d.Faults.Remove(account(r), id) {
		return &refusal{http.StatusNotFound, "there is no fault " + mux.Vars(r)["id"] + ", or it has fired as often as it should"}
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
