// Package emulator is a local Amazon IVS Chat: New wires it, Start serves it.
//
// # The house
//
// Six floors; a floor imports lower floors only, and rooms on one floor never
// import each other. house_test.go holds the code to this picture.
//
//	5  cmd/ivschat-local    flags, signals, exit codes
//	   cmd/ivschat-load     fills a room, over the public protocol only
//	   conformance          claims about the service, and other people's clients
//	   emulator/emulatortest  an emulator for one Go test, in its process
//	   emulator/benchmark   all of it beside its peers, in figures
//	4  emulator             New, Start, Close: wiring, and nothing but wiring
//	   cmd/internal/cli     what the command lines have in common
//	3  control              AWS's seventeen HTTP operations (gorilla/mux)
//	   socket               chat clients' WebSockets (gorilla/websocket)
//	   inspect              the other door: what is not AWS's (gorilla/mux)
//	2  room                 what may happen in a room: the only one that decides
//	   metrics              what the journal tells, counted (Prometheus)
//	1  messaging            the chat language: frames as bytes and as values
//	   hub                  fan-out of opaque frames, in one order for all
//	   crypto               keys, chat tokens, page tokens (tink)
//	   store                rooms, logging configurations, tags, used tokens on disk (bbolt)
//	   fault                what goes wrong on purpose, and when
//	   journal              what happened, for whoever looks
//	   world                rooms and all that written down: snapshots and seeds
//	0  ivschat              the vocabulary: AWS's words as Go types
//	   clock                the service's time, which can be moved
//	   shape                what a JSON value must look like
//
// Doors reach disk and keys through interfaces that they declare themselves
// (control.Rooms, control.Tokens, …), so they can be given another store.
//
// # A request's way
//
//	HTTP -> control.API.ServeHTTP
//	          identify      who calls: account and region      caller.go
//	          route         which operation                    api.go, operations.go
//	          gather        path, query, body -> members       rest_json.go
//	          shape.Check   every violation at once            shapes.go
//	          the method    rules that need state              room.go, tag.go, …
//	     <- answer.write    the one place that writes          rest_json.go
//
// # A message's way
//
//	socket (reads) -> messaging.Parse -> room.Session.Do -> rules
//	                                          | messaging.Encode, once
//	socket (writes) <- hub.Member  <- hub.Publish
//
// Down one side, up the other; nothing turns back. The hub cannot read a frame,
// the codec cannot reach a socket, the socket cannot refuse a message. A lock
// for each room gives one order for all; putting a frame into a queue never
// waits. A member has a goroutine only while it has something to write.
//
// # Where to find what
//
//   - The operations are a table: control/operations.go. The shapes of their
//     members are another: control/shapes.go.
//   - Every exception is in ivschat/exception.go, the limits that AWS publishes
//     and the emulator keeps to in ivschat/quota.go.
//   - Wherever the real service's behaviour is not documented we had to decide.
//     The decisions are numbered in DECISIONS.md, and the code that carries one
//     out cites its number.
//   - What happens is told to the journal, once, where it happens. Metrics, the
//     event stream and tests that wait all read the journal.
//   - A fault is asked for at four points: control/fault.go, socket/fault.go
//     (twice) and room/session.go. Without a rule that costs one atomic load.
//   - There are two kinds of time. What the service dates or lets expire asks
//     package clock. Deadlines, timeouts and log lines use package time.
//
// # Ways we went
//
//   - Exceptions are vocabulary, so the store says ResourceNotFoundException
//     itself. An error of its own for each would only be translated.
//   - A nextToken is the position in the list, sealed like a chat token and
//     bound to operation, caller and filters. No list is kept in memory
//     between two pages.
//   - Memory mode is bbolt too, on a file without a name and without fsync:
//     one implementation, one behaviour.
//   - Ids come from a seed, so that a run can be repeated. They guard nothing:
//     what must not be guessed is sealed.
//   - A record carries a checksum, since bbolt has none for its data pages: a
//     damaged file is found at start, not by the request that meets it.
package emulator
