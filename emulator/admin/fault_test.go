package admin_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	vocabulary "github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// sdk is the AWS SDK, which tries so often, without pauses.
func sdk(e *emulatortest.Emulator, attempts int) *ivschat.Client {
	return ivschat.NewFromConfig(e.Config(), func(o *ivschat.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = attempts, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
}

func TestTheSDKGetsEveryDeclaredExceptionWithItsMembers(t *testing.T) {
	e := emulatortest.Start(t)
	chat, room := sdk(e, 1), e.Room()
	fails := func(rule string, call func() error) error {
		t.Helper()
		wants(t, e, 201, "POST", "faults", rule)
		err := call()
		if left := wants(t, e, 200, "GET", "faults", "")["faults"].([]any); len(left) != 0 {
			t.Errorf("%s did not fire, or is still there", rule)
		}
		return err
	}
	create := func() error {
		_, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		return err
	}
	send := func() error {
		_, err := chat.SendEvent(t.Context(), &ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String("x")})
		return err
	}
	tags := func() error {
		_, err := chat.ListTagsForResource(t.Context(), &ivschat.ListTagsForResourceInput{ResourceArn: &room})
		return err
	}

	if denied := (*types.AccessDeniedException)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"AccessDeniedException","message":"no"}`, create), &denied) || *denied.Message != "no" {
		t.Errorf("got %v", denied)
	}
	if pending := (*types.PendingVerification)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"PendingVerification"}`, create), &pending) {
		t.Errorf("got %v", pending)
	}
	if gone := (*types.ResourceNotFoundException)(nil); !errors.As(fails(`{"operation":"SendEvent","times":1,"exception":"ResourceNotFoundException","room":"`+room+`"}`, send), &gone) || !strings.HasSuffix(room, *gone.ResourceId) {
		t.Errorf("got %+v", gone)
	}
	if invalid := (*types.ValidationException)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"ValidationException","reason":"UNKNOWN_OPERATION"}`, create), &invalid) || invalid.Reason != types.ValidationExceptionReasonUnknownOperation {
		t.Errorf("got %+v", invalid)
	}
	if invalid := (*types.ValidationException)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"ValidationException","fieldList":[{"name":"tags","message":"too many"}]}`, create), &invalid) || invalid.Reason != types.ValidationExceptionReasonFieldValidationFailed || len(invalid.FieldList) != 1 || *invalid.FieldList[0].Name != "tags" || *invalid.FieldList[0].Message != "too many" {
		t.Errorf("got %+v", invalid)
	}
	if slow := (*types.ThrottlingException)(nil); !errors.As(fails(`{"operation":"SendEvent","times":1,"exception":"ThrottlingException","limit":100}`, send), &slow) || slow.Limit != 100 {
		t.Errorf("got %+v", slow)
	}
	if full := (*types.ServiceQuotaExceededException)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"ServiceQuotaExceededException","limit":7,"resourceId":"abc"}`, create), &full) || full.Limit != 7 || *full.ResourceId != "abc" {
		t.Errorf("got %+v", full)
	}
	if conflict := (*types.ConflictException)(nil); !errors.As(fails(`{"operation":"CreateRoom","times":1,"exception":"ConflictException"}`, create), &conflict) {
		t.Errorf("got %v", conflict)
	}
	if internal := (*types.InternalServerException)(nil); !errors.As(fails(`{"operation":"ListTagsForResource","times":1,"exception":"InternalServerException"}`, tags), &internal) {
		t.Errorf("got %v", internal)
	}
}

func TestAnExceptionThatIsNotDeclaredIsRefusedWithThoseThatAre(t *testing.T) {
	e := emulatortest.Start(t)
	for rule, why := range map[string]string{
		`{"operation":"GetRoom","exception":"ConflictException"}`:                          "GetRoom does not declare ConflictException, but AccessDeniedException, ResourceNotFoundException, ValidationException",
		`{"operation":"GetRooms","status":500}`:                                            `but is "GetRooms"`,
		`{"operation":"GetRoom"}`:                                                          "this one has 0",
		`{"operation":"GetRoom","status":500,"reset":true}`:                                "this one has 2",
		`{"operation":"GetRoom","frame":"drop"}`:                                           "frame drop is not possible for GetRoom",
		`{"operation":"MESSAGE","error":429}`:                                              "error is not possible for MESSAGE",
		`{"operation":"SEND_MESSAGE","error":418}`:                                         "error must be one of",
		`{"operation":"SEND_MESSAGE","close":1006}`:                                        "close must be",
		`{"operation":"GetRoom","status":500,"probability":2}`:                             "probability",
		`{"operation":"GetRoom","delay":"1h"}`:                                             "at most 10m",
		`{"operation":"GetRoom","status":500,"room":"x"}`:                                  "room:",
		`{"operation":"GetRoom","status":500,"colour":1}`:                                  "colour",
		`[{"operation":"GetRoom","status":500},{"operation":"GetRoom"}]`:                   "this one has 0",
		`{"operation":"SEND_MESSAGE","error":429,"capability":"VIEW"}`:                     "capability must be",
		`{"operation":"GetRoom","status":500,"account":"me"}`:                              `account must be twelve digits, but is "me"`,
		`{"operation":"GetRoom","status":500,"seed":7}`:                                    "seed is for a rule that has a probability",
		`{"operation":"GetRoom","exception":"ValidationException","reason":"WHIM"}`:        "reason must be one of UNKNOWN_OPERATION, FIELD_VALIDATION_FAILED, OTHER",
		`{"operation":"GetRoom","exception":"AccessDeniedException","limit":7}`:            "limit is for exceptions that have one",
		`{"operation":"GetRoom","exception":"ValidationException","resourceId":"x"}`:       "resourceId is for exceptions that have one",
		`{"operation":"GetRoom","exception":"ResourceNotFoundException","reason":"OTHER"}`: "reason and fieldList are for ValidationException",
		`{"operation":"GetRoom","reset":true,"body":"x"}`:                                  "body and contentType are for a status",
		`{"operation":"GetRoom","reset":true,"message":"x"}`:                               "message is for an exception or an error",
		`{"operation":"CreateRoom","exception":"ThrottlingException"}`:                     "CreateRoom does not declare ThrottlingException, but",
	} {
		if message := fmt.Sprint(wants(t, e, 400, "POST", "faults", rule)["message"]); !strings.Contains(message, why) {
			t.Errorf("%s: %s", rule, message)
		}
	}
	if left := e.Faults().Rules(""); len(left) != 0 {
		t.Errorf("a rule was kept though it was refused: %v", left)
	}
}

func TestTheSDKTriesAgainWhatItShould(t *testing.T) {
	for rule, again := range map[string]bool{
		`{"operation":"SendEvent","times":2,"exception":"ThrottlingException"}`:       true,
		`{"operation":"SendEvent","times":2,"status":500,"body":"<html>Oops</html>"}`: true,
		`{"operation":"SendEvent","times":2,"status":503,"body":"no JSON"}`:           true,
		`{"operation":"SendEvent","times":2,"reset":true}`:                            true,
		`{"operation":"SendEvent","times":2,"exception":"AccessDeniedException"}`:     false,
		`{"operation":"SendEvent","times":2,"exception":"ValidationException"}`:       false,
		`{"operation":"SendEvent","times":2,"exception":"PendingVerification"}`:       false,
		`{"operation":"SendEvent","times":2,"status":400,"body":"no JSON"}`:           false,
	} {
		t.Run(rule, func(t *testing.T) {
			e := emulatortest.Start(t)
			room := e.Room()
			wants(t, e, 201, "POST", "faults", rule)
			_, err := sdk(e, 3).SendEvent(t.Context(), &ivschat.SendEventInput{RoomIdentifier: &room, EventName: aws.String("x")})
			if again != (err == nil) {
				t.Errorf("got %v", err)
			}
			fired := 1
			if again {
				fired = 2
			}
			if hits := wants(t, e, 200, "GET", "journal", "")["entries"].([]any); countKind(hits, "fault") != fired {
				t.Errorf("it fired %d times", countKind(hits, "fault"))
			}
		})
	}
}

func countKind(entries []any, kind string) (n int) {
	for _, entry := range entries {
		if entry.(map[string]any)["kind"] == kind {
			n++
		}
	}
	return n
}

func TestAFaultHitsWhoItNamesAndAsOftenAsItSays(t *testing.T) {
	e := emulatortest.Start(t, emulator.Config{RandomSeed: 1})
	room, other := e.Room(), e.Room()
	fails := func(room, user string) bool {
		t.Helper()
		_, err := sdk(e, 1).CreateChatToken(t.Context(), &ivschat.CreateChatTokenInput{RoomIdentifier: &room, UserId: &user})
		return err != nil
	}
	wants(t, e, 201, "POST", "faults", `{"operation":"CreateChatToken","room":"`+room+`","userId":"anna","status":500}`)
	if !fails(room, "anna") || fails(room, "ben") || fails(other, "anna") {
		t.Error("it hits others, or not who it names")
	}
	wants(t, e, 204, "DELETE", "faults", "")
	wants(t, e, 201, "POST", "faults", `{"operation":"CreateChatToken","every":3,"times":2,"status":500}`)
	pattern := ""
	for range 9 {
		pattern += map[bool]string{true: "x", false: "."}[fails(room, "anna")]
	}
	if pattern != "..x..x..." {
		t.Errorf("every third, twice: %s", pattern)
	}
	wants(t, e, 201, "POST", "faults", `{"operation":"CreateChatToken","probability":0.5,"status":500}`)
	hits := 0
	for range 100 {
		if fails(room, "anna") {
			hits++
		}
	}
	if hits < 30 || hits > 70 {
		t.Errorf("half of the time: %d of 100", hits)
	}
}

func TestARuleWithASeedHasDiceOfItsOwn(t *testing.T) {
	pattern := func(seed string, others int) (said string) {
		e := emulatortest.Start(t)
		room := e.Room()
		wants(t, e, 201, "POST", "faults", `{"operation":"GetRoom","probability":0.5,"status":500,"seed":`+seed+`}`)
		for range 30 {
			for range others {
				e.Room() // whose id is left to chance, too
			}
			_, err := sdk(e, 1).GetRoom(t.Context(), &ivschat.GetRoomInput{Identifier: &room})
			said += map[bool]string{true: "x", false: "."}[err != nil]
		}
		return said
	}
	first := pattern("7", 0)
	if again := pattern("7", 1); again != first {
		t.Errorf("the same seed: %s, then %s", first, again)
	}
	if other := pattern("8", 0); other == first {
		t.Errorf("another seed: %s, too", other)
	}
}

func TestADelayIsWaitedFor(t *testing.T) {
	e := emulatortest.Start(t)
	wants(t, e, 201, "POST", "faults", `{"operation":"CreateRoom","times":1,"delay":"50ms"}`)
	began := time.Now()
	e.Room()
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}

func TestAHandshakeIsRefusedOrReset(t *testing.T) {
	tcp, err := emulator.New(emulator.Config{}) // which can be reset
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	if err := tcp.Start(); err != nil {
		t.Fatal(err)
	}
	room := operate(t, tcp, "/CreateRoom", "{}")["arn"]
	token := fmt.Sprint(operate(t, tcp, "/CreateChatToken", fmt.Sprintf(`{"roomIdentifier":%q,"userId":"anna"}`, room))["token"])
	dial := func() (*websocket.Conn, *http.Response, error) {
		dialer := websocket.Dialer{Subprotocols: []string{token}}
		return dialer.Dial(strings.Replace(tcp.URL(), "http", "ws", 1), nil)
	}
	wants(t, tcp, 201, "POST", "faults", `{"operation":"CONNECT","times":1,"status":503,"body":"busy","userId":"anna"}`)
	if _, response, err := dial(); err == nil || response == nil || response.StatusCode != 503 {
		t.Errorf("got %v %v", response, err)
	}
	wants(t, tcp, 201, "POST", "faults", `{"operation":"CONNECT","times":1,"exception":"AccessDeniedException"}`)
	if _, response, err := dial(); err == nil || response == nil || response.StatusCode != 403 || response.Header.Get("x-amzn-ErrorType") != "AccessDeniedException" {
		t.Errorf("got %v %v", response, err)
	}
	wants(t, tcp, 201, "POST", "faults", `{"operation":"CONNECT","times":1,"reset":true}`)
	if _, response, err := dial(); err == nil || response != nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("got %v %v", response, err)
	}
	conn, _, err := dial() // the token was not used up
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if refused := wants(t, tcp, 200, "GET", "handshakes", "")["handshakes"].([]any); len(refused) != 3 {
		t.Errorf("handshakes: %v", refused)
	}
}

func TestWhatAClientAsksForFailsAsItIsTold(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	ben := e.Connect(room, "ben")
	join := func() *emulatortest.Client { return e.Connect(room, "anna", "SEND_MESSAGE") }
	add := func(rule string) { wants(t, e, 201, "POST", "faults", rule) }

	anna := join()
	add(`{"operation":"SEND_MESSAGE","times":1,"error":429,"message":"rate limit exceeded","userId":"anna","capability":"SEND_MESSAGE"}`)
	anna.Send(`{"Action":"SEND_MESSAGE","Content":"x","RequestId":"r"}`)
	if heard := anna.Receive(); heard.ErrorCode != 429 || heard.RequestID != "r" || heard.ErrorMessage != "rate limit exceeded" {
		t.Errorf("heard %+v", heard)
	}
	add(`{"operation":"SEND_MESSAGE","times":1,"frame":"drop"}`)
	anna.SendMessage("lost")
	anna.SendMessage("not lost")
	if heard := anna.Receive(); heard.Content != "not lost" {
		t.Errorf("heard %+v", heard)
	}
	add(`{"operation":"SEND_MESSAGE","times":1,"close":4000}`)
	anna.SendMessage("x")
	if code := anna.WaitClosed().Code; code != 4000 {
		t.Errorf("closed with %d", code)
	}
	anna = join()
	add(`{"operation":"SEND_MESSAGE","times":1,"reset":true}`)
	anna.SendMessage("x")
	if code := anna.WaitClosed().Code; code != 0 {
		t.Errorf("closed with %d", code)
	}
	if heard := ben.Receive(); heard.Content != "not lost" {
		t.Errorf("the other heard %+v", heard)
	}
}

func TestFramesOnTheirWaySuffer(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
	say := func(contents ...string) {
		t.Helper()
		for _, content := range contents {
			anna.SendMessage(content)
			if heard := anna.Receive(); heard.Content != content {
				t.Errorf("anna heard %+v", heard)
			}
		}
	}
	hears := func(contents ...string) {
		t.Helper()
		for _, content := range contents {
			if heard := ben.Receive(); heard.Content != content {
				t.Errorf("ben heard %+v, want %s", heard, content)
			}
		}
	}
	add := func(effect string) {
		wants(t, e, 201, "POST", "faults", `{"operation":"MESSAGE","userId":"ben","times":1,`+effect+`}`)
	}
	add(`"frame":"drop"`)
	say("1", "2")
	hears("2")
	e.Clock().Advance(time.Second) // for the room's rate
	add(`"frame":"duplicate"`)
	say("3")
	hears("3", "3")
	add(`"frame":"reorder"`)
	say("4", "5")
	hears("5", "4")
	add(`"frame":"corrupt"`)
	say("6", "7")
	if heard := ben.Receive(); heard.Type != "" {
		t.Errorf("ben understood %+v", heard)
	}
	hears("7")
	e.Clock().Advance(time.Second)
	add(`"delay":"20ms"`)
	say("8", "9")
	hears("8", "9")
	wants(t, e, 201, "POST", "faults", `{"operation":"MESSAGE","userId":"ben","times":1,"silence":true}`)
	say("10", "11")
	wants(t, e, 200, "POST", "clock", `{"advance":"61m"}`)
	gone := wants(t, e, 200, "GET", "journal?after=0&count=1&kind=disconnect&timeout=10s", "")["entries"].([]any)
	if len(gone) != 1 || gone[0].(map[string]any)["userId"] != "anna" {
		t.Errorf("gone are %v, but one connection fell silent and the other ended", gone)
	}
	wants(t, e, 204, "POST", "reset", "")
	if code := ben.WaitClosed().Code; code != 1012 { // a reset ends even what is silent
		t.Errorf("closed with %d", code)
	}
}

// Every effect that ends a connection does so wherever it may stand.
func TestConnectionsEndWhereverAFaultWantsThemTo(t *testing.T) {
	synctest.Test(t, connectionsEndWhereverAFaultWantsThemTo)
}

func connectionsEndWhereverAFaultWantsThemTo(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	actions := map[string]string{
		"SEND_MESSAGE": `{"Action":"SEND_MESSAGE","Content":"x"}`, "DELETE_MESSAGE": `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`, "DISCONNECT_USER": `{"Action":"DISCONNECT_USER","UserId":"zoe"}`,
		"MESSAGE": `{"Action":"SEND_MESSAGE","Content":"x"}`, "EVENT": `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl"}`, "ERROR": `{}`,
	}
	for operation, action := range actions {
		for effect, code := range map[string]int{`"close":1000`: 1000, `"close":4999`: 4999, `"reset":true`: 0} {
			wants(t, e, 201, "POST", "faults", `{"operation":"`+operation+`","times":1,`+effect+`}`)
			anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
			anna.Send(action)
			if got := anna.WaitClosed().Code; got != code {
				t.Errorf("%s %s: closed with %d", operation, effect, got)
			}
		}
		wants(t, e, 201, "POST", "faults", `{"operation":"`+operation+`","times":1,"silence":true}`)
		anna := e.Connect(room, "anna", "SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER")
		for range 2 {
			anna.Send(action) // to the second of which nobody listens any more
			synctest.Wait()
		}
		if session := wants(t, e, 200, "GET", "rooms/"+room, "")["sessions"].([]any)[0].(map[string]any); session["framesIn"] != 1.0 || session["framesOut"] != 0.0 {
			t.Errorf("%s: %v", operation, session)
		}
		wants(t, e, 204, "POST", "reset", "")
		if code := anna.WaitClosed().Code; code != 1012 {
			t.Errorf("closed with %d", code)
		}
		room = e.Room()
	}
}

func TestEventsAndErrorsSufferAsMessagesDo(t *testing.T) {
	e := emulatortest.Start(t)
	for point, trigger := range map[string]string{"EVENT": `{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","RequestId":"%s"}`, "ERROR": `{"Action":"DISCONNECT_USER","UserId":"zoe","RequestId":"%s"}`} {
		for effect, hears := range map[string]string{`"frame":"drop"`: "2", `"frame":"duplicate"`: "112", `"frame":"reorder"`: "21", `"frame":"corrupt"`: "2", `"delay":"1ms"`: "12"} {
			anna := e.Connect(e.Room(), "anna", "DELETE_MESSAGE")
			wants(t, e, 201, "POST", "faults", `{"operation":"`+point+`","times":1,`+effect+`}`)
			anna.Send(fmt.Sprintf(trigger, "1"))
			anna.Send(fmt.Sprintf(trigger, "2"))
			heard := ""
			for len(heard) < len(hears) {
				heard += anna.Receive().RequestID
			}
			if heard != hears {
				t.Errorf("%s %s: heard %s, want %s", point, effect, heard, hears)
			}
		}
	}
}

// A client that finds no UTF-8 ends the connection instead of meeting what is
// wrong.
func TestWhatIsCorruptedIsStillText(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben")
	for i := range 8 { // some of which would cut a character
		wants(t, e, 201, "POST", "faults", `{"operation":"MESSAGE","userId":"ben","times":1,"frame":"corrupt"}`)
		anna.SendMessage(strings.Repeat("x", i) + strings.Repeat("🙂", 100))
		anna.Receive()
		if heard := ben.Receive(); heard.Type != "" || !utf8.ValidString(heard.Raw) {
			t.Errorf("ben heard %q", heard.Raw)
		}
	}
}

func TestNoFaultIsWastedOnAConnectionThatIsBroken(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	wants(t, e, 201, "POST", "faults", `{"operation":"SEND_MESSAGE","times":1,"silence":true}`)
	anna.SendMessage("x")
	wants(t, e, 200, "GET", "journal?kind=fault&after=0&count=1&timeout=10s", "")
	if !e.Sessions("", vocabulary.ARN{})[0].Broken() { // whoever hears of it counts on that
		t.Error("it was told before it was done")
	}
	ben := e.Connect(room, "ben", "SEND_MESSAGE")
	for range 8 { // of whom anna might be the first to suffer
		wants(t, e, 201, "POST", "faults", `{"operation":"MESSAGE","times":1,"frame":"drop"}`)
		ben.SendMessage("lost")
		ben.SendMessage("not lost")
		if heard := ben.Receive(); heard.Content != "not lost" {
			t.Errorf("heard %+v", heard)
		}
		e.Clock().Advance(time.Second) // for the room's rate
	}
}

func TestWhoIsClosedByAFaultIsNotHeardAnyMore(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna, ben := e.Connect(room, "anna", "SEND_MESSAGE"), e.Connect(room, "ben", "SEND_MESSAGE")
	wants(t, e, 201, "POST", "faults", `{"operation":"SEND_MESSAGE","times":1,"userId":"anna","delay":"20ms","close":4000}`)
	anna.SendMessage("closed")
	anna.SendMessage("too late")
	if code := anna.WaitClosed().Code; code != 4000 {
		t.Errorf("closed with %d", code)
	}
	ben.SendMessage("last")
	if heard := ben.Receive(); heard.Content != "last" {
		t.Errorf("heard %+v", heard)
	}
}

func TestAResetDoesNotWaitForDelays(t *testing.T) {
	e := emulatortest.Start(t)
	room := e.Room()
	anna := e.Connect(room, "anna", "SEND_MESSAGE")
	wants(t, e, 201, "POST", "faults", `{"operation":"MESSAGE","delay":"10m"}`)
	anna.SendMessage("x")
	wants(t, e, 200, "GET", "journal?kind=fault&after=0&count=1&timeout=10s", "")
	wants(t, e, 204, "POST", "reset", "")
	if code := anna.WaitClosed().Code; code != 1012 {
		t.Errorf("closed with %d", code)
	}
}

// Over TCP, where a reset is one.
func TestTheSDKTriesAgainAfterAReset(t *testing.T) {
	tcp, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tcp.Close() })
	if err := tcp.Start(); err != nil {
		t.Fatal(err)
	}
	config := emulatortest.Start(t).Config()
	config.BaseEndpoint, config.HTTPClient = aws.String(tcp.URL()), nil
	for attempts, works := range map[int]bool{3: true, 2: false} {
		wants(t, tcp, 204, "DELETE", "faults", "")
		wants(t, tcp, 201, "POST", "faults", `{"operation":"CreateRoom","times":2,"reset":true}`)
		_, err := ivschat.NewFromConfig(config, func(o *ivschat.Options) {
			o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.Backoff = attempts, retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		}).CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
		if works != (err == nil) || !works && !strings.Contains(err.Error(), "connection reset") {
			t.Errorf("%d attempts: %v", attempts, err)
		}
	}
}
