package ivschatlocal_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/exec"
	"github.com/testcontainers/testcontainers-go/network"
	"github.com/testcontainers/testcontainers-go/wait"

	ivschatlocal "github.com/ivschat-local/ivschat-local/packages/testcontainers-go"
)

const account = "123456789012"

// limit is that of everything that waits.
const limit = time.Minute

// run starts a container that ends with the test.
func run(t *testing.T, opts ...testcontainers.ContainerCustomizer) *ivschatlocal.Container {
	t.Helper()
	c, err := ivschatlocal.Run(t.Context(), "", opts...)
	testcontainers.CleanupContainer(t, c)
	ivschatlocal.LogOnFailure(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// must returns the value of a call that does not fail.
func must[T any](t *testing.T) func(T, error) T {
	return func(value T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// client returns a client of the AWS SDK for an address. It needs trust only for https://.
func client(endpoint string, trust *tls.Config) *ivschat.Client {
	return ivschat.New(ivschat.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		HTTPClient:   &http.Client{Transport: &http.Transport{TLSClientConfig: trust, DisableKeepAlives: true}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: account, SecretAccessKey: "local"}, nil
		}),
	})
}

// connect connects a user who may send messages.
func connect(t *testing.T, chat *ivschat.Client, url, room, user string, dialer websocket.Dialer) *websocket.Conn {
	t.Helper()
	created, err := chat.CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{
		RoomIdentifier: &room, UserId: &user, Capabilities: []types.ChatTokenCapability{"SEND_MESSAGE"},
	})
	if err != nil {
		t.Fatal(err)
	}
	dialer.Subprotocols = []string{*created.Token}
	conn, _, err := dialer.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// A frame is what a client receives.
type frame struct{ Type, Content, ErrorMessage string }

// say sends a message and returns the frame that arrives next.
func say(t *testing.T, conn *websocket.Conn, content string) (answer frame) {
	t.Helper()
	if err := conn.WriteJSON(map[string]string{"Action": "SEND_MESSAGE", "Content": content}); err != nil {
		t.Fatal(err)
	}
	if err := conn.ReadJSON(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestClientsOnTheHostChat(t *testing.T) {
	t.Parallel()
	c := run(t)
	chat := client(must[string](t)(c.EndpointURL(t.Context())), nil)
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}
	url := must[string](t)(c.WebSocketURL(t.Context()))
	anna := connect(t, chat, url, *room.Arn, "anna", websocket.Dialer{})
	if answer := say(t, anna, "hello"); answer.Content != "hello" {
		t.Errorf("got %+v, want the message", answer)
	}

	if err := c.Advance(t.Context(), time.Hour); err != nil { // the session is over
		t.Fatal(err)
	}
	var end frame
	if err := anna.ReadJSON(&end); err != nil || end.Type != "ERROR" {
		t.Errorf("got %+v, %v, want an ERROR frame", end, err)
	}
	if _, _, err := anna.ReadMessage(); err == nil {
		t.Error("the connection is open after the end of the session")
	}

	if err := c.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rooms, err := chat.ListRooms(t.Context(), nil); err != nil || len(rooms.Rooms) != 0 {
		t.Errorf("after a reset, there are the rooms %v, %v", rooms, err)
	}
}

func TestOtherContainersReachItByItsAlias(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	net := must[*testcontainers.DockerNetwork](t)(network.New(ctx))
	testcontainers.CleanupNetwork(t, net)
	emulator, err := ivschatlocal.Run(ctx, "", network.WithNetwork([]string{"ivschat"}, net))
	testcontainers.CleanupContainer(t, emulator)
	ivschatlocal.LogOnFailure(t, emulator)
	if err != nil {
		t.Fatal(err)
	}
	inside, err := emulator.FromNetwork(ctx, "ivschat")
	if err != nil {
		t.Fatal(err)
	}
	image := imageOf(t, emulator) // it has a client, which stands for an application
	application, err := testcontainers.Run(ctx, image, network.WithNetwork(nil, net), testcontainers.WithEnv(inside.Env()))
	testcontainers.CleanupContainer(t, application)
	if err != nil {
		t.Fatal(err)
	}

	if inside.WebSocketURL != "ws://ivschat:4700" {
		t.Errorf("the messaging URL is %q, want ws://ivschat:4700", inside.WebSocketURL)
	}
	if endpoint := inside.Env()["AWS_ENDPOINT_URL_IVSCHAT"]; endpoint != "http://ivschat:4700" {
		t.Errorf("the endpoint in the environment is %q, want http://ivschat:4700", endpoint)
	}
	execute(t, application, "room", "create", "lobby", "--endpoint", inside.EndpointURL)
	if _, err := emulator.FromNetwork(ctx, "chat"); err == nil || !strings.Contains(err.Error(), "ivschat") {
		t.Errorf(`an alias that it does not have: got %v, want an error with those that it has`, err)
	}
}

func TestOptionsReachTheEmulator(t *testing.T) {
	t.Parallel()
	start := time.Now().Add(24 * time.Hour).Truncate(time.Second).UTC()
	c := run(t,
		ivschatlocal.WithSeed([]byte("rooms: [{name: lobby}]")),
		ivschatlocal.WithRandomSeed(17),
		ivschatlocal.WithAccount(account),
		ivschatlocal.WithRegion("eu-west-1"),
		ivschatlocal.WithClock(ivschatlocal.Clock{Time: start, Frozen: true}),
		ivschatlocal.WithFlags("--token-ttl=5m"),
	)
	emulator, ctx := c, t.Context() // as in the guide
	err := emulator.Admin(ctx, "POST", "faults", map[string]any{"operation": "CreateRoom", "times": 2, "exception": "ThrottlingException"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		RandomSeed                int
		Account, Region, TokenTTL string
	}
	if err := c.Admin(t.Context(), "GET", "info", nil, &info); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(info), "{17 "+account+" eu-west-1 5m0s}"; got != want {
		t.Errorf("the emulator says %s, want %s", got, want)
	}
	if now := clockOf(t, c).Now; !now.Equal(start) {
		t.Errorf("the clock shows %v, want %v", now, start)
	}
	if err := c.Advance(t.Context(), time.Hour); err != nil {
		t.Fatal(err)
	}
	if now := clockOf(t, c).Now; !now.Equal(start.Add(time.Hour)) {
		t.Errorf("an hour later, the clock shows %v, want %v", now, start.Add(time.Hour))
	}
	if env := must[ivschatlocal.Addresses](t)(c.FromHost(t.Context())).Env(); env["AWS_REGION"] != "eu-west-1" ||
		env["AWS_ACCESS_KEY_ID"] != account {
		t.Errorf("the environment is %v", env)
	}
	err = c.Admin(t.Context(), "POST", "clock", map[string]string{"advance": "soon"}, nil)
	if err == nil || !strings.Contains(err.Error(), "soon") {
		t.Errorf("got %v, want an error that says what was wrong", err)
	}

	if err := c.Resume(ctx); err != nil || clockOf(t, c).Frozen {
		t.Errorf("after Resume, the clock stands still: %v", err)
	}
	if err := c.Freeze(ctx); err != nil || !clockOf(t, c).Frozen {
		t.Errorf("after Freeze, the clock runs: %v", err)
	}

	if err := c.Reset(ctx); err != nil || clockOf(t, c).Frozen {
		t.Errorf("after Reset, the clock stands still: %v", err)
	}
	var rooms struct{ Items []struct{ Name string } }
	if err := c.Admin(ctx, "GET", "rooms", nil, &rooms); err != nil || fmt.Sprint(rooms.Items) != "[{lobby}]" {
		t.Errorf("after Reset, there are the rooms %v, %v, want that of the seed", rooms.Items, err)
	}
}

func TestTLSIsTrustedOnTheHostAndInTheNetwork(t *testing.T) {
	t.Parallel()
	net := must[*testcontainers.DockerNetwork](t)(network.New(t.Context()))
	testcontainers.CleanupNetwork(t, net)
	c := run(t, ivschatlocal.WithTLS("chat.example"), network.WithNetwork([]string{"chat.test"}, net))
	host := must[ivschatlocal.Addresses](t)(c.FromHost(t.Context()))
	trust := must[*tls.Config](t)(c.ClientTLS(t.Context()))
	chat := client(host.EndpointURL, trust)
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("lobby")})
	if err != nil {
		t.Fatal(err)
	}
	anna := connect(t, chat, host.WebSocketURL, *room.Arn, "anna", websocket.Dialer{TLSClientConfig: trust})
	if answer := say(t, anna, "hello"); answer.Content != "hello" {
		t.Errorf("got %+v, want the message", answer)
	}

	inside := must[ivschatlocal.Addresses](t)(c.FromNetwork(t.Context(), "chat.test"))
	application, err := testcontainers.Run(t.Context(), imageOf(t, c), network.WithNetwork(nil, net),
		testcontainers.WithFiles(testcontainers.ContainerFile{
			Reader:            bytes.NewReader(must[[]byte](t)(c.CertificateAuthority(t.Context()))),
			ContainerFilePath: "/ca.pem", FileMode: 0o444,
		}),
		testcontainers.WithEnv(map[string]string{"AWS_CA_BUNDLE": "/ca.pem"}))
	testcontainers.CleanupContainer(t, application)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, application, "clock", "show", "--endpoint", inside.EndpointURL) // by the admin API
	execute(t, application, "chat", "lobby", "--as", "ben", "--account", account, "--endpoint", inside.EndpointURL)
	var connections struct{ Items []struct{ UserID string } }
	if err := c.Admin(t.Context(), "GET", "journal?kind=connect&after=0&count=2", nil, &connections); err != nil {
		t.Fatal(err)
	}
	if users := fmt.Sprint(connections.Items); users != "[{anna} {ben}]" {
		t.Errorf("the users %s have connected", users)
	}
}

func TestAServerOnTheHostReviewsMessages(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	handler := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ReviewResult": "ALLOW", "Content": "reviewed"}`)
	})}
	go func() { _ = handler.Serve(listener) }()
	t.Cleanup(func() { _ = handler.Close() })

	c := run(t,
		ivschatlocal.WithReviewHandler(fmt.Sprintf("*=http://host.containers.internal:%d", listener.Addr().(*net.TCPAddr).Port)),
		ivschatlocal.WithFlags("--review-timeout=1m"))
	host := must[ivschatlocal.Addresses](t)(c.FromHost(t.Context()))
	chat := client(host.EndpointURL, nil)
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{MessageReviewHandler: &types.MessageReviewHandler{
		Uri: aws.String("arn:aws:lambda:us-east-1:" + account + ":function:review"), FallbackResult: types.FallbackResultDeny,
	}})
	if err != nil {
		t.Fatal(err)
	}
	anna := connect(t, chat, host.WebSocketURL, *room.Arn, "anna", websocket.Dialer{})
	if answer := say(t, anna, "hello"); answer.Content != "reviewed" {
		t.Errorf("got %+v, want what the server on the host answers", answer)
	}

	// This name is for Docker. The engine of this test is Podman, which has a name of its own.
	inspected, err := c.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if hosts := inspected.HostConfig.ExtraHosts; !slices.Contains(hosts, "host.docker.internal:host-gateway") {
		t.Errorf("the container knows the hosts %v", hosts)
	}
}

func TestAContainerThatDoesNotStartSaysWhy(t *testing.T) {
	t.Parallel()
	for problem, option := range map[string]testcontainers.ContainerCustomizer{
		"lobbby":    ivschatlocal.WithSeed([]byte("rooms: [{lobbby: 1}]")),
		"--account": ivschatlocal.WithAccount("1234"),
		"--listen":  ivschatlocal.WithFlags("--listen=:80"),
		"scale":     ivschatlocal.WithClock(ivschatlocal.Clock{Frozen: true, Scale: 60}),
		"missing":   ivschatlocal.WithSeedFile("missing.yaml"),
		"clock":     ivschatlocal.WithClock(ivschatlocal.Clock{Time: time.Unix(0, 0)}),
	} {
		t.Run(problem, func(t *testing.T) {
			t.Parallel()
			c, err := ivschatlocal.Run(t.Context(), "", option)
			testcontainers.CleanupContainer(t, c)
			if err == nil || !strings.Contains(err.Error(), problem) {
				t.Errorf("got %v, want an error with %q", err, problem)
			}
		})
	}
}

func TestOnlyWithTLSThereIsACertificateAuthority(t *testing.T) {
	t.Parallel()
	c := new(ivschatlocal.Container)
	if _, err := c.ClientTLS(t.Context()); err == nil || !strings.Contains(err.Error(), "WithTLS") {
		t.Errorf("got %v, want an error that names WithTLS", err)
	}
}

func TestATestThatFailsHasTheLogAndTheJournal(t *testing.T) {
	t.Parallel()
	failing := &failingTest{TB: t, failed: true}
	c := run(t, testcontainers.WithAdditionalWaitStrategy(wait.ForLog("Ready."))) // the engine may keep it later
	ivschatlocal.LogOnFailure(failing, nil)                                       // no container, no log
	ivschatlocal.LogOnFailure(failing, c)
	chat := client(must[string](t)(c.EndpointURL(t.Context())), nil)
	if _, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("lobby")}); err != nil {
		t.Fatal(err)
	}
	failing.end()
	text := strings.Join(failing.output, "\n")
	for _, want := range []string{"--random-seed", `"operation":"CreateRoom"`, `"name":"lobby"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the output:\n%s", want, text)
		}
	}

	failing.output, failing.failed = nil, false
	failing.end()
	if len(failing.output) > 0 {
		t.Errorf("a test that succeeds has the output %q", failing.output)
	}
}

// A failingTest keeps what is logged after its end.
type failingTest struct {
	testing.TB
	failed   bool
	cleanups []func()
	output   []string
}

func (t *failingTest) Failed() bool     { return t.failed }
func (t *failingTest) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }
func (t *failingTest) Logf(format string, args ...any) {
	t.output = append(t.output, fmt.Sprintf(format, args...))
}

func (t *failingTest) end() {
	for _, cleanup := range slices.Backward(t.cleanups) {
		cleanup()
	}
}

// A clock is what the admin API says about the emulator's clock.
type clock struct {
	Now    time.Time
	Frozen bool
}

func clockOf(t *testing.T, c *ivschatlocal.Container) (clock clock) {
	t.Helper()
	if err := c.Admin(t.Context(), "GET", "clock", nil, &clock); err != nil {
		t.Fatal(err)
	}
	return clock
}

// imageOf returns the image of a container.
func imageOf(t *testing.T, c *ivschatlocal.Container) string {
	t.Helper()
	inspected, err := c.Inspect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return inspected.Config.Image
}

// execute runs a command of the emulator's program in a container. The test fails if it does not succeed. Podman's name
// server learns the name of a new container a little later.
func execute(t *testing.T, c testcontainers.Container, args ...string) {
	t.Helper()
	for end := time.Now().Add(limit); ; {
		code, output, err := c.Exec(t.Context(), append([]string{"/ivschat-local"}, args...), exec.Multiplexed())
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(output)
		if err == nil && code == 0 {
			return
		}
		if !bytes.Contains(text, []byte("no such host")) || time.Now().After(end) {
			t.Fatalf("%q in a container ends with exit code %d, %v: %s", args, code, err, text)
		}
	}
}
