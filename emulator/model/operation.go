// Package model describes Amazon IVS Chat's control plane as data: its operations, what their
// requests must look like, and the exceptions that they declare. It has no behaviour.
//
// operations.go is the table of operations, shapes.go has the constraints of their members. The
// control plane and the snapshot documents are both derived from it.
package model

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// An Operation is one operation of the API: everything that can be said about it without carrying
// it out. How often it may be called is not limited (decision D22).
type Operation struct {
	Name   string
	Method string          // HTTP method
	Path   string          // gorilla/mux template
	Status int             // HTTP status of a success
	Input  shape.Structure // members of the request, wherever they travel
	Errors []ivschat.Kind  // the exceptions that the service's model declares
}

// Operations returns all operations, in the order of AWS's API reference.
func Operations() []Operation { return operations }

// Find returns the operation of that name, if there is one.
func Find(name string) (Operation, bool) {
	for _, op := range operations {
		if op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}

// Violations checks the members of a request, decoded with json.Decoder.UseNumber, against the
// operation's input, and removes those that the input does not have. It panics if there is no such
// operation.
func Violations(operation string, members map[string]any) []shape.Violation {
	op, ok := Find(operation)
	if !ok {
		panic(fmt.Sprintf("model: there is no operation %q", operation))
	}
	return shape.Check(op.Input, members)
}
