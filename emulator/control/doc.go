// Package control is the control plane: Amazon IVS Chat's seventeen HTTP operations, as the AWS SDKs
// and the AWS CLI call them.
//
// A request passes through these files: api.go finds the operation, request.go reads the body,
// principal.go says who calls, request.go collects the members from path, query and body, package
// model says what they must look like, operation.go fills the typed request, and the file of the noun
// (room.go, tag.go, …) carries the operation out. wire.go has the form of replies, and answer.go
// writes the answer. No method ever gets a request that violates the model.
package control
