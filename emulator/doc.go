// Package emulator is a local emulator of Amazon IVS Chat: New creates one, and Start serves it.
//
// # Layers
//
// A package imports packages of lower layers only, and packages of one layer never import each other.
// house_test.go reads this table and checks it.
//
//	6  cmd/ivschat-local             the program: flags, signals, exit codes
//	   cmd/ivschat-load              the load generator, over the public protocol only
//	   conformance/claims            what the service does, as claims
//	   conformance/clients           tests with third-party clients and servers: SDKs, browser, Lambda, S3, nginx
//	   conformance/cluster           tests several nodes over NATS while some of them fail
//	   packages                      tests the packages of other languages, the image and the release
//	   internal/program              starts the program for those tests
//	   emulator/emulatortest         an emulator inside a Go test
//	   emulator/benchmark            benchmarks of the emulator and of other servers
//	   internal/mutants              breaks the code on purpose, and counts what the tests notice
//	5  emulator                      wiring: New, Start, Close
//	   cmd/internal/cli              the common part of the programs' command lines
//	   cmd/internal/remote           talks to an IVS Chat that runs elsewhere, and to its admin API
//	4  emulator/control              AWS's 17 HTTP operations (gorilla/mux)
//	   emulator/socket               the WebSockets of chat clients (gorilla/websocket)
//	   emulator/admin                the emulator's own API (gorilla/mux)
//	   emulator/replica              what the nodes of a cluster share
//	3  emulator/room                 the rules of a chat room: the only package that decides
//	   emulator/state                reset, snapshot, restore and seed
//	   emulator/review               reviews of messages by message review handlers
//	   emulator/chatlog              chat logs: their records, and when they are delivered
//	   emulator/lifecycle            the states of logging configurations
//	2  crypto                        keys, chat tokens, page tokens (tink)
//	   store                         rooms, logging configurations, tags, used tokens (bbolt)
//	   emulator/fault                fault injection: what goes wrong on purpose, where and how often
//	   emulator/snapshot             snapshots and seeds as documents
//	   emulator/metrics              what happened, in numbers (Prometheus)
//	   emulator/spool                keeps records of chat logs until they are delivered
//	   emulator/iam                  who may call the control plane, and which permissions they have
//	   emulator/certificates         a certificate authority, and certificates for TLS
//	1  emulator/model                the operations and their constraints, as data
//	   emulator/random               IDs and random numbers from a seed
//	   emulator/throttle             rate limits with token buckets
//	   emulator/messaging            the chat protocol: frames as bytes and as values
//	   emulator/hub                  fan-out of opaque frames, in one order for all
//	   emulator/journal              what happened, for tests and for the admin API
//	   emulator/console              the web page that shows the emulator to people
//	   emulator/chatclient           a chat client, for tests, load and scripts (gorilla/websocket)
//	   emulator/invoke               reaches the Lambda functions that review messages
//	   emulator/destination          delivers chat logs to S3, CloudWatch Logs, Firehose or a folder
//	   emulator/sigv4                reads and verifies the signatures of requests
//	   emulator/policy               evaluates policies of AWS IAM
//	   emulator/cluster              several processes as one, over NATS JetStream
//	   internal/secretfile           files that only their owner may read
//	   internal/browser              finds Chromium, for tests
//	   internal/natsserver           runs nats-server as a process, for tests
//	   conformance                   the engine that checks claims about the service
//	0  emulator/ivschat              the vocabulary: AWS's words as Go types
//	   emulator/clock                the service's time, which can be moved
//	   emulator/cors                 which web pages and hosts may call the emulator
//	   emulator/clientip             the IP address of a client
//	   emulator/shape                constraints on JSON values, as values
//	   emulator/plainjson            a fast parser for ordinary JSON, and a fast encoder of strings
//	   emulator/pipenet              a network in memory, for tests
//	   internal/build                the version, and what a program was built from
//	   internal/limits               limits of the system, such as a full disk, for tests
//	   internal/hostile              web servers that do not follow the protocol, for tests
//	   internal/guides               gives tests the examples in the documentation, for tests
//	   internal/need                 skips tests that need a program which is not installed, for tests
//	   internal/testcache            tells the Go command which files processes read that a test starts, for tests
//	   internal/pause                stops processes for a while, for tests
//	   internal/relay                passes TCP connections on, over a network that can fail, for tests
//	   emulator/mistakes             everything that is wrong with a document, for error messages
//	   internal/shortfile            files that must not be too long
//	   internal/bytereader           reads numbers and texts from bytes
//	   conformance/internal/history  checks what clients saw while nodes failed, for tests
//	   internal/yamldoc              reads files with one YAML document, with the lines of mistakes
//	   internal/contexts             contexts that also end when a channel is closed
//	   emulator/spelling             the name that was probably meant, for error messages
//	   emulator/awsapi               calls servers with AWS's APIs, with signed requests
//
// The servers, and package room, reach stores, keys and the fan-out through interfaces of a few
// methods, which they declare themselves. So each of these can be replaced.
//
// # The path of a request
//
//	HTTP -> control.API.ServeHTTP
//	          ready         whether this node may answer         api.go
//	          readBody      the body, which a signature covers   request.go
//	          identify      who calls, as the request says       principal.go
//	          authenticate  the signature, with --auth           principal.go, package sigv4
//	          members       from path, query and body            request.go
//	          applyRate     whether the account calls too often  rate.go
//	          shape.Check   every violation at once              model/shapes.go
//	          authorize     what the caller may do               authorize.go, package iam
//	          the method    rules that need state                room.go, tag.go, …
//	     <- response.write  the only place that writes           response.go
//
// # The path of a message
//
//	socket (read)  --bytes-->   room.Session.HandleFrame: messaging.Parse, rules, review, Encode
//	                                        |           (a review asks through package invoke)
//	                                   room.Fanout --> hub.Publish --> observers
//	                                        |           (in a cluster, it is an entry of the log before that,
//	                                        |            and every node publishes it when it applies the entry)
//	                                        |
//	socket (write) <--frames--  hub.Member of each session
//
// There is one path in and one path out. The hub cannot read a frame, the protocol cannot reach a
// socket, and the socket cannot refuse a message. One lock per room gives one order for all, also for
// the observers, which are called under this lock: the journal, and the chat logs, which write a record to the spool
// and deliver it later (package chatlog). Queueing a frame never blocks.
// Workers write for all members of a room, or the publisher itself if they are few. A member has a goroutine
// of its own only while its client does not read fast enough. On Linux, a connection has one for reading only
// once its client has sent something. All this is so over TLS, too, except where the system has no writes that
// do not block.
//
// # Where to find what
//
//   - Which operations exist, and what is their input? model/operations.go
//   - What is the longest room name, and where does the limit come from? model/shapes.go
//   - Which limits and quotas does AWS publish? ivschat/quota.go
//   - Which exceptions exist, and which members do they have? ivschat/exception.go
//   - Which actions, capabilities, frame types and error codes exist? ivschat/action.go,
//     capability.go, frame_type.go, error_code.go
//   - What does UpdateRoom do? control/room.go
//   - Which states does a logging configuration have, and when do they end? lifecycle/lifecycle.go
//   - How is the caller identified? control/principal.go
//   - Which signatures are refused, and what is signed? sigv4/check.go, sigv4/verify.go, sigv4/canonical.go
//   - What is a policy of IAM, and when is a request allowed? policy/parse.go, policy/evaluate.go, and
//     policy/operator.go for the condition operators
//   - What may be in a credentials file, and which access key is made without one? iam/file.go, iam/open.go
//   - Which permissions does an operation need, and what are the values of condition keys? iam/needs.go, iam/value.go
//   - What do the log and the journal say about permissions? control/authorize.go
//   - What does a response look like on the wire? control/wire.go, control/response.go
//   - What happens when a client sends a message? room/action.go
//   - What is sent to everyone in a room, and in which order? room/publish.go, room/local.go, hub/hub.go
//   - What must deliver frames to the sessions of a room, and who has the sessions of other processes?
//     room/fanout.go, room/nodes.go
//   - How do several nodes deliver frames in one order, and agree which messages are accepted? replica/room.go,
//     room_apply.go and room_registry.go beside it
//   - Who decides whether a message is delivered? review/review.go, and room/action.go for what may happen
//     meanwhile
//   - How is a Lambda function reached? invoke/targets.go, and lambda.go, http.go, command.go beside it
//   - How are requests to servers with AWS's APIs signed, and their errors read? awsapi/client.go, awsapi/reply.go
//   - What happens when a server refuses a request before it has read it? awsapi/conn.go
//   - What is the key of an object with chat logs, and what is in it? destination/layout.go
//   - How much fits into one delivery of chat logs? destination/limits.go
//   - How do names of destinations become file names? destination/filename.go
//   - How are chat logs written to files, and what if the program is killed meanwhile? destination/folder.go
//   - Why does a server not take chat logs, and what is the advice? destination/server.go
//   - How are events and answers exchanged with a program, and when is it started again?
//     invoke/command_exchange.go, invoke/command.go
//   - Which messages does deny:WORD deny? invoke/words.go
//   - What is in a record of a chat log, and when is it delivered? chatlog/record.go, chatlog/queue.go
//   - What happens when a destination fails? chatlog/delivery.go
//   - Which node of a cluster writes chat logs, and what happens when it dies? replica/chatlog.go,
//     replica/chatlog_writer.go
//   - What does the admin API do in a cluster? admin/cluster.go
//   - How are several processes one service, and when is a node gone? cluster/cluster.go, and log.go, apply.go,
//     join.go and beat.go beside it
//   - What survives the last node of a cluster, and how? cluster/data.go, queue.go and tokens.go, crypto/shared.go
//   - How does an emulator become a node of a cluster? config_cluster.go, node.go
//   - How does the admin API show chat logs, and deliver them? admin/chat_log.go, chatlog/status.go
//   - How are rates limited? room/limit.go, throttle/throttle.go, and control/rate.go for the operations
//   - Which permissions did the calls of a run need, and why is a request denied? cmd/ivschat-local/policy_suggest.go,
//     iam/explain.go
//   - What does a frame look like? messaging/frame.go, and messaging/parse.go for frames from clients
//     (messaging/plain.go for ordinary ones)
//   - When is a WebSocket handshake refused? socket/handshake.go, and socket/wellformed.go for requests
//     that are not a valid handshake
//   - Which handshakes are accepted without net/http? socket/direct.go, to which conn.go gives connections
//   - What does gorilla/websocket do? socket/upgrade.go
//   - How are frames written and read over TLS without waiting? socket/secured.go
//   - How is a connection closed, and with which code? socket/close.go
//   - Where does the emulator listen, and what happens to a TLS client? listen.go, conn.go
//   - Which certificates are there, and what does the log say about a TLS handshake that fails? encryption.go,
//     certificates/authority.go and leaf.go
//   - How do clients trust the certificate authority? cmd/ivschat-local/trust_clients.go, and bundle.go for env
//     and exec
//   - Which endpoint is at a host name of AWS? ivschat/endpoint.go, serve.go
//   - How much memory may long bodies take? bodies.go
//   - Which web pages may call the emulator? cors/policy.go, and admin/guard.go for the admin API
//   - What happens to a client that reads too slowly, or sends too much? hub/member.go, socket/pace.go
//   - How does the clock move, and what expires with it? clock/clock.go, room/session.go
//   - Which faults can be injected? fault/effect.go, and fault/wire.go for the JSON
//   - Which panels does the console have? console/static/panels, and console/static/main.js for the rest of the page
//   - How does the console list, filter and link frames and calls? console/static/panels/entries.js
//   - What does the console copy to repeat a frame or a call? console/static/snippets.js
//   - Which faults does the console offer in words, and what do its charts show? console/static/faults.js, metrics.js
//   - Who signs the calls of the console? console/static/api.js, admin/caller.go
//   - Who takes part in a room from the console? console/static/panels/room-users.js
//   - What may a browser do with the console? console/console.go, admin/console.go
//   - What do the panels of the console share? console/static/ui.js, and live.js, api.js, route.js and format.js
//     beside it
//   - What will fall due when the clock moves? admin/due.go
//   - How many messages were there in a room? room/count.go
//   - How does the admin API end or break one session? admin/session.go, room/session.go
//   - Where are the endpoint of the clock and the check of the host? admin/clock.go, admin/guard.go
//   - What does a reset do? state/state.go
//   - How do nodes of a cluster share the clock, faults, scripted answers, rate limits and the seed? replica/value.go
//     and the files beside it, clock/change.go, fault/change.go, review/script_change.go, throttle/shared.go,
//     state/seed.go
//   - Which entries of the journal are dropped when it is full? journal/ring.go
//   - Who is woken by an entry of the journal? journal/wait.go
//   - How do several nodes have one journal? journal/journal.go (Share), encode.go and save.go
//     beside it, replica/journal.go
//   - How is a call found by the members of its request? admin/call.go, journal/body.go
//   - How is a room stored? store/room.go, and store/doc.go for the buckets
//   - How do several stores share rooms? store/shared.go, and store/change.go for the bytes
//   - How is a room found by its name or its logging configuration? store/index.go
//   - When is a database refused as damaged? store/page.go, and store/load.go
//   - What happens if it is damaged while the emulator runs? store/file.go
//   - How are snapshots and seeds read? snapshot/decode.go, snapshot/stream.go for JSON, snapshot/yaml.go
//   - Who may read files with secrets, and what happens if the keys are lost? internal/secretfile/secretfile.go,
//     crypto/keyset_file.go
//   - How are flags and variables read, and their mistakes told? cmd/internal/cli/cli.go
//   - How are command lines completed? cmd/internal/cli/complete.go, and cmd/ivschat-local/completion/ for the shells
//   - How does the chat in a terminal go on after its connection has ended? cmd/ivschat-local/chat_connection.go
//   - Which credentials do env and exec give a program? cmd/ivschat-local/credentials.go
//   - What does doctor check? cmd/ivschat-local/doctor.go
//   - Which emulator do the verbs of the command line talk to, and as whom? cmd/ivschat-local/target.go,
//     cmd/internal/remote/service.go
//   - How do records of chat logs survive a crash, and what happens when there are too many? spool/doc.go
//   - How do tests run the examples of the guides, and notice one without a test, or a link without a target?
//     internal/guides/guides.go, coverage_test.go and links_test.go beside it
//   - What writes docs/reference? internal/guides/reference_test.go and admin_api_test.go,
//     cmd/ivschat-local/reference_test.go
//   - Why does the emulator behave like this, where AWS does not document it? DECISIONS.md
//
// # Principles
//
//   - What happens is written to the journal once, where it happens. Metrics, the event stream and
//     waiting tests listen to the journal.
//   - The emulator checks for faults at five points: control/fault.go, socket/fault.go (twice),
//     room/action.go and review/review.go. Without a rule, that costs one atomic load.
//   - There are two kinds of time. The service's timestamps and expirations use package clock.
//     Deadlines, timeouts and log lines use package time.
//   - The context of a request or a session reaches the store. A write whose context ends before its
//     transaction begins is not made.
//   - The code that starts a goroutine also waits for its end, or for the end of what it does. A
//     comment says who closes each channel, and which fields each lock guards.
//   - Wire types, stored records and domain types are three things. What they have in common is
//     derived from package model.
//
// # Choices
//
//   - Exceptions belong to the vocabulary, so the store returns a ResourceNotFoundException itself. An
//     error type of the store would only be translated into it.
//   - A nextToken is the position in the list, encrypted like a chat token and bound to operation,
//     caller and filters. No list is kept in memory between two pages.
//   - Rooms are read from memory, also if they are stored on disk, because every message reads its room,
//     and a list must not read all rooms to find a few. The trees in which they are (store/tree.go) are
//     copied where they change, so a read sees one state, and never waits. Without a data directory there is
//     no file, and the same code.
//   - IDs come from a seed, so that a run can be repeated. They are not secret: what must not be
//     guessed is encrypted.
//   - A record has a checksum, because bbolt has none for its data pages, and package store checks the
//     pages itself: a damaged file is found at the start, not by the request that reads it.
//   - The control plane parses ordinary JSON itself (plainjson), which saves a tenth of a small
//     request, and writes the most frequent responses itself (control/encode.go). So does package
//     messaging with frames. Fuzz tests compare all of them with encoding/json.
//   - gorilla/websocket reads the frames of clients, and answers pings and close frames. All other frames are
//     written without it, because it has no writes that do not block. Handshakes are answered without it,
//     because most clients only receive, and need none of its memory.
package emulator
