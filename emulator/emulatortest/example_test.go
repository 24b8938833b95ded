package emulatortest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ivschat"
	"github.com/aws/aws-sdk-go-v2/service/ivschat/types"
	"github.com/gorilla/websocket"

	"github.com/ivschat-local/ivschat-local/emulator"
	"github.com/ivschat-local/ivschat-local/emulator/chatclient"
	"github.com/ivschat-local/ivschat-local/emulator/emulatortest"
	"github.com/ivschat-local/ivschat-local/emulator/fault"
	"github.com/ivschat-local/ivschat-local/emulator/review"
)

// A test of an application that uses the AWS SDK. In a test, t is its
// *testing.T.
func Example() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	chat := ivschat.NewFromConfig(e.Config())
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{Name: aws.String("lobby")})
	if err != nil {
		t.Fatal(err)
	}

	anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
	anna.SendMessage("hello")
	fmt.Println(anna.Receive().Content)

	e.Advance(time.Hour) // the session is over
	fmt.Println(anna.Receive().ErrorCode)
	fmt.Println(anna.WaitClosed())
	// Output:
	// hello
	// 401
	// dropped without a close frame: unexpected EOF
}

// A test of how an application handles failures of the service.
func ExampleEmulator_Fault() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	unavailable := fault.ReturnStatus{Status: 503, Body: "Service Unavailable"}
	e.Fault(fault.Rule{Operation: "CreateRoom", Times: 2, Effect: unavailable})
	chat := ivschat.NewFromConfig(e.Config())
	_, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	fmt.Println("after two retries of the SDK:", err)
	// Output: after two retries of the SDK: <nil>
}

// A test of an application that insists on TLS. It trusts the emulator's certificate
// authority for this test.
func ExampleStartTLS() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.StartTLS(t)
	chat := ivschat.NewFromConfig(e.Config())
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{})
	if err != nil {
		t.Fatal(err)
	}

	dialer := websocket.Dialer{
		NetDialContext:  e.DialContext,
		TLSClientConfig: e.ClientTLS(),
		Subprotocols:    []string{e.Token(*room.Arn, "anna", "SEND_MESSAGE")},
	}
	conn, response, err := dialer.Dial(e.MessagingURL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Println(e.URL(), e.MessagingURL(), response.Status)
	// Output: https://ivschat.localhost wss://ivschat.localhost 101 Switching Protocols
}

// A test of an application that must not use a chat token twice.
func ExampleEmulator_Dial() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t)
	token := e.Token(e.Room(), "anna")
	e.ConnectWithToken(token)
	_, err := e.Dial(token)
	if refused, ok := errors.AsType[*chatclient.RefusedError](err); ok {
		fmt.Println(refused.Status)
	}
	// Output: 401
}

// A test of an application whose messages are moderated. The function answers for
// the message review handler of every room. e.Script() sets answers without code.
func Example_messageReview() {
	t := new(exampleTest)
	defer t.end()

	e := emulatortest.Start(t, emulator.Config{ReviewTimeout: time.Minute}) // a busy machine must not matter
	e.SetReviewer(review.Func(func(_ context.Context, event review.Event) (review.Answer, error) {
		if strings.Contains(event.Content, "spam") {
			return review.Answer{ReviewResult: review.Deny, Attributes: map[string]string{"Reason": "no spam"}}, nil
		}
		return review.Answer{ReviewResult: review.Allow, Content: event.Content + " (reviewed)"}, nil
	}))
	chat := ivschat.NewFromConfig(e.Config())
	room, err := chat.CreateRoom(t.Context(), &ivschat.CreateRoomInput{
		MessageReviewHandler: &types.MessageReviewHandler{
			Uri:            aws.String("arn:aws:lambda:us-east-1:123456789012:function:review"),
			FallbackResult: types.FallbackResultDeny,
		},
	})
	if err != nil {
		t.Fatal(err)
	}

	anna := e.Connect(*room.Arn, "anna", "SEND_MESSAGE")
	anna.SendMessage("hello")
	fmt.Println(anna.Receive().Content)
	anna.SendMessage("spam")
	fmt.Println(anna.Receive().ErrorMessage)
	fmt.Println(e.WaitReviews(*room.Arn, 2)[1].Review.Verdict)
	// Output:
	// hello (reviewed)
	// the message was rejected by the message review handler: no spam
	// DENY
}

// An exampleTest is what emulatortest needs of a testing.TB, for examples, which
// have none. A failure panics.
type exampleTest struct {
	testing.TB
	cleanups []func()
}

func (*exampleTest) Helper()                           {}
func (*exampleTest) Failed() bool                      { return false }
func (*exampleTest) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (*exampleTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleTest) Errorf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (*exampleTest) Context() context.Context          { return context.Background() }
func (t *exampleTest) Cleanup(f func())                { t.cleanups = append(t.cleanups, f) }

// end runs the cleanups, the last one first.
func (t *exampleTest) end() {
	for _, cleanup := range slices.Backward(t.cleanups) {
		cleanup()
	}
}
