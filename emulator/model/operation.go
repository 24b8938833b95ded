// Package model describes Amazon IVS Chat's control plane as data: its operations, the shapes of
// their requests, and the exceptions that they declare. It has no behaviour.
//
// operations.go has the table of operations, and shapes.go the constraints of their members. The
// control plane, the snapshot documents and their JSON Schema are derived from them.
package model

import (
	"fmt"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// An Operation is one operation of the API, without its implementation.
type Operation struct {
	Name   string
	Method string                  // HTTP method
	Path   string                  // gorilla/mux template
	Status int                     // HTTP status of a success
	Input  shape.Structure         // the members of the request, in the path, the query and the body
	Errors []ivschat.ExceptionType // the exceptions that the service's model declares
	Rate   int                     // requests per second (quotas), which are limited only if wanted (decision D22)
}

// Operations returns all operations, in the order of AWS's API reference.
func Operations() []Operation { return operations }

// Names returns the names of all operations.
func Names() []string {
	names := make([]string, len(operations))
	for i, op := range operations {
		names[i] = op.Name
	}
	return names
}

// Find returns the operation with that name, and whether there is one.
func Find(name string) (Operation, bool) {
	for _, op := range operations {
		if op.Name == name {
			return op, true
		}
	}
	return Operation{}, false
}

// Input returns the members of an operation's request. It panics if there is no operation with that
// name.
func Input(operation string) shape.Structure {
	op, ok := Find(operation)
	if !ok {
		panic(fmt.Sprintf("model: there is no operation %q", operation))
	}
	return op.Input
}
