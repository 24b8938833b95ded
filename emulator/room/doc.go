// Package room holds what may happen in a room: who may do what, how often,
// and who learns of it. It is the only package that decides about live chat.
//
// rooms.go is what the service can do to a room from outside, session.go is
// one connection of one user, rate.go counts.
package room
