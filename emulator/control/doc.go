// Package control is the control plane: Amazon IVS Chat's seventeen HTTP
// operations as the AWS SDKs and the AWS CLI call them.
//
// A request passes through these files: api.go finds the operation, caller.go
// says who calls, rest_json.go gathers the members from path, query and body,
// the row in operations.go says what they must look like, operation.go fills
// the typed request, and the noun's own file (room.go, tag.go, …) does the work.
// What it replies is put into words in wire.go, and rest_json.go writes the one
// answer. No method ever sees a request that violates its row.
package control
