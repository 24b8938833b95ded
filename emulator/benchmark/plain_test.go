//go:build unix

package benchmark_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// constant returns a JSON text of the size that the query asks for.
func constant(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	size, _ := strconv.Atoi(r.URL.RawQuery)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, "%q", filler[:max(0, size-2)])
}

var filler = strings.Repeat("x", 4096)

// A fanOut sends frames to all connections.
type fanOut interface {
	// join adds a connection until leave is called.
	join(*websocket.Conn) (leave func())
	publish(frame []byte)
}

// A plainRoom is a room of chat.
type plainRoom struct {
	fanOut
	// A client knows that its connection is open a little before the connection is in the room. What is
	// published then waits until it is, so that every viewer receives every frame, as in the emulator.
	opening sync.RWMutex
}

func (r *plainRoom) publishFrame(frame map[string]any) {
	text := encode(frame)
	r.opening.Lock()
	defer r.opening.Unlock()
	r.publish(text)
}

// plainRooms are rooms by their IDs.
type plainRooms struct {
	newFanOut func() fanOut
	mu        sync.RWMutex // guards rooms
	rooms     map[string]*plainRoom
}

// lobby is the room of connections with a chat token of another server.
const lobby = "lobby"

// create creates a room and returns its ID. The first is the lobby.
func (p *plainRooms) create() (id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	id = lobby
	if n := len(p.rooms); n > 0 {
		id = fmt.Sprintf("room%08d", n)
	}
	p.rooms[id] = &plainRoom{fanOut: p.newFanOut()}
	return id
}

func (p *plainRooms) room(id string) *plainRoom {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return cmp.Or(p.rooms[id], p.rooms[lobby])
}

// roomID returns the ID at the end of the ARN of a room.
func roomID(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

// chat serves as much of Amazon IVS Chat as the benchmarks need: rooms, without any rules. A chat token is
// the ID of its room. bun/server.js does the same.
func chat(newFanOut func() fanOut) http.Handler {
	rooms := &plainRooms{newFanOut: newFanOut, rooms: map[string]*plainRoom{}}
	rooms.create()
	reply := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, text)
		}
	}
	answer := reply(`{"id":"abcdefghijkl"}`)
	mux := http.NewServeMux()
	mux.HandleFunc("/CreateRoom", func(w http.ResponseWriter, r *http.Request) {
		reply(fmt.Sprintf(`{"arn":"arn:aws:ivschat:us-east-1:000000000000:room/%s"}`, rooms.create()))(w, r)
	})
	mux.HandleFunc("/CreateChatToken", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ RoomIdentifier string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		reply(fmt.Sprintf(`{"token":%q}`, roomID(body.RoomIdentifier)))(w, r)
	})
	mux.Handle("/DeleteRoom", reply(""))
	mux.HandleFunc("/SendEvent", func(w http.ResponseWriter, r *http.Request) {
		var event struct {
			RoomIdentifier string
			Attributes     map[string]string
		}
		_ = json.NewDecoder(r.Body).Decode(&event)
		rooms.room(roomID(event.RoomIdentifier)).publishFrame(map[string]any{
			"Type": "EVENT", "Id": "abcdefghijkl", "RequestId": "", "EventName": "app:benchmark",
			"Attributes": event.Attributes, "SendTime": now(),
		})
		answer(w, r)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{Subprotocols: websocket.Subprotocols(r)}
		room := rooms.room(r.Header.Get("Sec-WebSocket-Protocol"))
		room.opening.RLock()
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			room.opening.RUnlock()
			return
		}
		leave := room.join(conn)
		room.opening.RUnlock()
		defer conn.Close()
		defer leave()
		for {
			var action struct {
				Content, RequestID string
				Attributes         map[string]string
			}
			if conn.ReadJSON(&action) != nil {
				return
			}
			room.publishFrame(map[string]any{
				"Type": "MESSAGE", "Id": "abcdefghijkl", "RequestId": action.RequestID,
				"Attributes": action.Attributes, "Content": action.Content, "SendTime": now(),
				"Sender": map[string]any{"UserId": "viewer", "Attributes": map[string]string{}},
			})
		}
	})
	return mux
}

func now() string { return time.Now().UTC().Format(time.RFC3339Nano) }

func encode(frame map[string]any) []byte {
	text, _ := json.Marshal(frame)
	return text
}

// A writePump is the fan-out of the tutorials for gorilla/websocket: a goroutine and a channel for each
// connection.
type writePump struct {
	mu      sync.Mutex
	members map[chan []byte]bool
}

func (w *writePump) join(conn *websocket.Conn) (leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.members == nil {
		w.members = map[chan []byte]bool{}
	}
	member := make(chan []byte, 256)
	w.members[member] = true
	go func() {
		for frame := range member {
			_ = conn.WriteMessage(websocket.TextMessage, frame)
		}
	}()
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.members, member)
		close(member)
	}
}

func (w *writePump) publish(frame []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for member := range w.members {
		member <- frame
	}
}

// A bareLoop writes each frame to one connection after another.
type bareLoop struct {
	mu      sync.Mutex
	members map[net.Conn]bool
}

func (l *bareLoop) join(conn *websocket.Conn) (leave func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.members == nil {
		l.members = map[net.Conn]bool{}
	}
	l.members[conn.NetConn()] = true
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.members, conn.NetConn())
	}
}

func (l *bareLoop) publish(frame []byte) {
	framed := append([]byte{0x81, 126, byte(len(frame) >> 8), byte(len(frame))}, frame...)
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.members {
		_, _ = conn.Write(framed)
	}
}
