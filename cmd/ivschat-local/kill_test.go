package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
)

var (
	killRounds = flag.Int("rounds", 20, "how often the kill test kills the program")
	killSeed   = flag.Uint64("kill-seed", 1, "seed of the moments at which it does")
)

// The accounts of the kill test.
const (
	changingAccount = "123456789012" // rooms that are created, renamed and deleted
	restoredAccount = "222222222222" // rooms of a snapshot, all with the name of its generation
	lobbyAccount    = "333333333333" // the room of all chat tokens
)

// A ledger has what the program acknowledged.
type ledger struct {
	mu           sync.Mutex          // guards all
	rooms        map[string][]string // ARN -> the names that the room may have
	deleted      []string            // ARNs
	used, unused []string            // chat tokens
	keys         []string            // IDs
	generation   int                 // of the restored account
	untilKill    int                 // acknowledgements
	kill         func()
}

// acknowledge notes what was acknowledged, and kills the program if it is time.
func (l *ledger) acknowledge(note func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	note()
	if l.untilKill--; l.untilKill == 0 {
		l.kill()
	}
}

// begin notes what is about to happen, but may not.
func (l *ledger) begin(note func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	note()
}

// A round is one run of the program, until it is killed.
type round struct {
	*ledger
	t *testing.T
	p *process
}

// changeRooms creates rooms, and renames and deletes some of them.
func (r *round) changeRooms() error {
	chat := sdkOf(r.p.endpoint, changingAccount, once)
	for i := 0; ; i++ {
		room, err := chat.CreateRoom(r.t.Context(), &ivschat.CreateRoomInput{})
		if err != nil {
			return err
		}
		arn := *room.Arn
		r.acknowledge(func() { r.rooms[arn] = []string{""} })
		if i%3 == 0 {
			r.begin(func() { r.rooms[arn] = []string{"", "renamed"} })
			input := &ivschat.UpdateRoomInput{Identifier: &arn, Name: aws.String("renamed")}
			if _, err := chat.UpdateRoom(r.t.Context(), input); err != nil {
				return err
			}
			r.acknowledge(func() { r.rooms[arn] = []string{"renamed"} })
		}
		if i%4 == 0 {
			r.begin(func() { delete(r.rooms, arn) })
			if _, err := chat.DeleteRoom(r.t.Context(), &ivschat.DeleteRoomInput{Identifier: &arn}); err != nil {
				return err
			}
			r.acknowledge(func() { r.deleted = append(r.deleted, arn) })
		}
	}
}

// useTokens creates chat tokens, and connects with every second one.
func (r *round) useTokens(lobby string) error {
	chat := sdkOf(r.p.endpoint, lobbyAccount, once)
	for i := 0; ; i++ {
		reply, err := chat.CreateChatToken(r.t.Context(), &ivschat.CreateChatTokenInput{
			RoomIdentifier: &lobby, UserId: aws.String("u"),
		})
		if err != nil {
			return err
		}
		if i%2 == 0 {
			r.acknowledge(func() { r.unused = append(r.unused, *reply.Token) })
			continue
		}
		connected, err := r.connect(*reply.Token)
		if err != nil {
			return err
		}
		if !connected {
			r.t.Error("a new chat token is refused")
		}
		r.acknowledge(func() { r.used = append(r.used, *reply.Token) })
	}
}

// connect reports whether a chat token opens a connection.
func (r *round) connect(token string) (connected bool, err error) {
	endpoint := strings.Replace(r.p.endpoint, "http", "ws", 1)
	client, err := chatclient.Dial(r.t.Context(), endpoint, token, chatclient.Options{})
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok && refused.Status == http.StatusUnauthorized {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	client.Drop()
	<-client.Done()
	return true, nil
}

// restoreSnapshots restores snapshots with twenty rooms.
func (r *round) restoreSnapshots() error {
	for {
		next := r.generation + 1 // no other goroutine changes it
		var rooms []string
		for i := range 20 {
			rooms = append(rooms, fmt.Sprintf(`{"id": "room%08d", "name": "generation%d"}`, i, next))
		}
		document := `{"version": 1, "loggingConfigurations": [], "rooms": [` + strings.Join(rooms, ",") + `]}`
		if err := r.p.admin(r.t.Context(), http.MethodPut, "snapshot?account="+restoredAccount, document); err != nil {
			return err
		}
		r.acknowledge(func() { r.generation = next })
	}
}

// admin sends a request to the admin API. Each has a connection of its own, since the port may be that of a
// program that was killed.
func (p *process) admin(ctx context.Context, method, path, body string) error {
	request, err := http.NewRequestWithContext(ctx, method, p.endpoint+"/_ivschat/v1/"+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s is answered with %s %s", method, path, response.Status, answer)
	}
	return nil
}

var keyID = regexp.MustCompile(`with key ([0-9]+)`)

// killDuring lets the program work until it is killed. A rotation of the keys is killed with it, or ends
// before.
func (r *round) killDuring(dir, lobby string, acknowledgements int) {
	rotation := self(r.t, nil, "keys", "rotate", "--data", dir)
	var rotated strings.Builder
	rotation.Stdout = &rotated
	if err := rotation.Start(); err != nil {
		r.t.Fatal(err)
	}
	r.begin(func() {
		r.untilKill = acknowledgements
		r.kill = func() {
			_ = r.p.command.Process.Kill()
			_ = rotation.Process.Kill()
		}
	})
	var workers sync.WaitGroup
	failed := make(chan error, 4)
	for _, work := range []func() error{
		r.changeRooms, r.changeRooms, r.restoreSnapshots, func() error { return r.useTokens(lobby) },
	} {
		workers.Go(func() { failed <- work() }) // ends because of the kill
	}
	workers.Wait()
	_ = rotation.Wait()
	_ = r.p.command.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.untilKill > 0 {
		r.t.Fatalf("a worker ended before the kill: %v %v %v %v", <-failed, <-failed, <-failed, <-failed)
	}
	if id := keyID.FindStringSubmatch(rotated.String()); id != nil {
		r.keys = append(r.keys, id[1])
	}
}

// roomsOf returns the names of an account's rooms by ARN.
func (r *round) roomsOf(account string) map[string]string {
	names := map[string]string{}
	pages := ivschat.NewListRoomsPaginator(sdkOf(r.p.endpoint, account), &ivschat.ListRoomsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		for _, room := range page.Rooms {
			names[*room.Arn] = aws.ToString(room.Name)
		}
	}
	return names
}

// check checks that everything that was acknowledged is there. Then it forgets most of it, so that
// many rounds take no longer than a few.
func (r *round) check(dir string) {
	stored := r.roomsOf(changingAccount)
	for arn, names := range r.rooms {
		name, exists := stored[arn]
		if !exists || name != names[0] && name != names[len(names)-1] {
			r.t.Errorf("%s exists: %t, and its name is %q, want one of %q", arn, exists, name, names)
		}
		r.rooms[arn] = []string{name}
	}
	for _, arn := range r.deleted {
		if _, exists := stored[arn]; exists {
			r.t.Errorf("%s was deleted, but exists", arn)
		}
	}
	names := map[string]int{}
	for _, name := range r.roomsOf(restoredAccount) {
		names[name]++
	}
	last, next := fmt.Sprint("generation", r.generation), fmt.Sprint("generation", r.generation+1)
	switch {
	case len(names) == 1 && names[next] == 20:
		r.generation++
	case len(names) == 1 && names[last] == 20, len(names) == 0 && r.generation == 0:
	default:
		r.t.Errorf("after restoring generation %d, the rooms are %v", r.generation, names)
	}
	for _, token := range r.used {
		if connected, err := r.connect(token); connected || err != nil {
			r.t.Errorf("a used chat token opens a connection: %t (%v)", connected, err)
		}
	}
	for _, token := range r.unused {
		if connected, err := r.connect(token); !connected || err != nil {
			r.t.Errorf("a chat token opens a connection: %t (%v)", connected, err)
		}
	}
	r.used, r.unused, r.deleted = append(tail(r.used, 5), tail(r.unused, 5)...), nil, tail(r.deleted, 20)
	r.checkKeys(dir)
}

func tail(list []string, most int) []string { return list[max(0, len(list)-most):] }

func (r *round) checkKeys(dir string) {
	listed := runSelf(r.t, nil, "keys", "list", "--data", dir)
	for _, id := range r.keys {
		if !regexp.MustCompile(`(?m)^` + id + ` `).MatchString(listed.stdout) {
			r.t.Errorf("key %s was acknowledged, but is not in the list: %+v", id, listed)
		}
	}
	r.keys = tail(r.keys, 3)
	// The database, the keys, their lock, and the records of chat logs.
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 4 {
		r.t.Errorf("the directory has %v: %v", files, err)
	}
}

// The program is killed while clients create, rename and delete rooms, restore snapshots and use chat
// tokens, and while keys are rotated.
func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	t.Parallel()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(*killSeed, 0))
	known := &ledger{rooms: map[string][]string{}}
	var lobby string
	for i := range *killRounds {
		r := &round{known, t, launchSelf(t, "--data", dir)}
		if i == 0 {
			room, err := sdkOf(r.p.endpoint, lobbyAccount).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
			if err != nil {
				t.Fatal(err)
			}
			lobby = *room.Arn
		} else {
			r.check(dir)
		}
		if i%10 == 9 { // or the database grows with each round
			known.rooms, known.deleted = map[string][]string{}, nil
			if err := r.p.admin(t.Context(), http.MethodPost, "reset?account="+changingAccount, ""); err != nil {
				t.Fatal(err)
			}
		}
		r.killDuring(dir, lobby, 1+random.IntN(150))
		if t.Failed() {
			t.Fatalf("in round %d of seed %d", i, *killSeed)
		}
	}
	(&round{known, t, launchSelf(t, "--data", dir)}).check(dir)
	t.Logf("%d generations were restored", known.generation)
	if known.generation < *killRounds/4 {
		t.Errorf("only %d snapshots were restored in %d rounds", known.generation, *killRounds)
	}
	info, err := os.Stat(filepath.Join(dir, "token-keys.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file of the keys has mode %v (%v)", info.Mode(), err)
	}
}
