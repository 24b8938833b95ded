// Package cluster tests several ivschat-local that work as one service over NATS, as programs, while nodes, the
// nats-server and the network between them fail. It has only tests.
package cluster
