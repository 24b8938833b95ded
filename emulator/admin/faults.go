package admin

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/ivschat-local/ivschat-local/emulator/fault"
)

func (d door) getFaults(w http.ResponseWriter, r *http.Request) error {
	return answer(w, http.StatusOK, map[string]any{"faults": documents(d.Faults.Rules(account(r)))})
}

// postFaults adds a rule, or several, which are all added or none.
func (d door) postFaults(w http.ResponseWriter, r *http.Request) error {
	text, err := body(w, r)
	if err != nil {
		return err
	}
	var documented []fault.Document
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		err = decode(text, &documented)
	} else {
		documented = make([]fault.Document, 1)
		err = decode(text, &documented[0])
	}
	if err != nil {
		return err
	}
	rules := make([]fault.Rule, len(documented))
	for i, document := range documented {
		if rules[i], err = document.Rule(); err != nil {
			return badRequest("%v", err)
		}
		rules[i].Account = cmp.Or(account(r), rules[i].Account)
	}
	added, err := d.Faults.Add(rules...)
	if err != nil {
		return badRequest("%v", err)
	}
	return answer(w, http.StatusCreated, map[string]any{"faults": documents(added)})
}

func documents(rules []fault.Rule) []fault.Document {
	documents := make([]fault.Document, len(rules))
	for i, rule := range rules {
		documents[i] = fault.NewDocument(rule)
	}
	return documents
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
