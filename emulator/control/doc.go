// Package control is the control plane: Amazon IVS Chat's 17 HTTP operations, as the AWS SDKs and the
// AWS CLI call them.
//
// A request passes through these files: api.go finds the operation, and checks that this node may answer,
// request.go reads the body, principal.go identifies the caller and verifies its signature, request.go collects
// the members from path, query and body, package model has the constraints that they are checked against,
// operation.go fills the typed request, and the file of the resource (room.go, tag.go, …) carries out the
// operation. wire.go has the JSON form of responses, encode.go encodes the most frequent ones, and response.go
// writes the response. No method gets a request that violates the model.
package control
