package ivschat_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/random"
)

func TestIDsAreTwelveLettersAndDigitsAndDistinct(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile("^[A-Za-z0-9]{12}$")
	distinct, letters := map[string]bool{}, map[rune]int{}
	source := random.New(7)
	const count = 20_000
	for range count {
		id := source.ID()
		if !form.MatchString(id) || len(id) != ivschat.IDLength || !ivschat.IsID(id) {
			t.Fatalf("%q is not an ID", id)
		}
		distinct[id] = true
		for _, letter := range id {
			letters[letter]++
		}
	}
	if len(distinct) != count {
		t.Errorf("of %d IDs %d are distinct", count, len(distinct))
	}
	if len(letters) != 62 {
		t.Errorf("%d letters and digits occur", len(letters))
	}
	// Each is expected 3,871 times with a standard deviation of 62. Chance does not reach this
	// bound, but a byte modulo 62 exceeds it by far.
	for letter, n := range letters {
		if expected := count * 12 / 62; n < expected*9/10 || n > expected*11/10 {
			t.Errorf("%c occurs %d times", letter, n)
		}
	}
}

func TestATextThatIsNotTwelveLettersAndDigitsIsNotAnID(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "abcdefghijk", "abcdefghijklm", "abcdefghijk-", "abcdef-hijkl", "abcdefghijk\n", "abcdefghijé",
	} {
		if ivschat.IsID(text) {
			t.Errorf("%q counts as an ID", text)
		}
	}
}

func TestARoomFilterSelectsRoomsThatHaveAllItsValues(t *testing.T) {
	t.Parallel()
	logging := ivschat.ARN{
		Owner:        ivschat.Owner{AccountID: "1", Region: "r"},
		ResourceType: ivschat.LoggingConfigurationResource,
		ID:           "l",
	}
	other := logging
	other.ID = "other"
	plain := ivschat.Room{Name: "plain"}
	detached := ivschat.Room{Name: "full", MessageReviewHandler: &ivschat.MessageReviewHandler{}}
	full := ivschat.Room{
		Name:                            "full",
		MessageReviewHandler:            &ivschat.MessageReviewHandler{URI: "uri"},
		LoggingConfigurationIdentifiers: []ivschat.ARN{other, logging},
	}
	byName := func(name string) ivschat.RoomFilter { return ivschat.RoomFilter{Name: name} }
	byHandler := func(uri string) ivschat.RoomFilter { return ivschat.RoomFilter{MessageReviewHandlerURI: uri} }
	byLogging := func(identifier string) ivschat.RoomFilter {
		return ivschat.RoomFilter{LoggingConfigurationIdentifier: identifier}
	}
	byAll := func(name, uri, identifier string) ivschat.RoomFilter {
		return ivschat.RoomFilter{
			Name: name, MessageReviewHandlerURI: uri, LoggingConfigurationIdentifier: identifier,
		}
	}
	for name, test := range map[string]struct {
		filter ivschat.RoomFilter
		want   [4]bool // without a name, plain, detached, full
	}{
		"an empty filter":                   {ivschat.RoomFilter{}, [4]bool{true, true, true, true}},
		"a name":                            {byName("full"), [4]bool{false, false, true, true}},
		"a name in another letter case":     {byName("Full"), [4]bool{}},
		"the beginning of a name":           {byName("ful"), [4]bool{}},
		"a handler":                         {byHandler("uri"), [4]bool{3: true}},
		"another handler":                   {byHandler("ur"), [4]bool{}},
		"a logging configuration":           {byLogging(logging.String()), [4]bool{3: true}},
		"an ID instead of an ARN":           {byLogging("l"), [4]bool{}},
		"all three":                         {byAll("full", "uri", other.String()), [4]bool{3: true}},
		"all three with another name":       {byAll("plain", "uri", other.String()), [4]bool{}},
		"all three with another handler":    {byAll("full", "x", other.String()), [4]bool{}},
		"all three with another identifier": {byAll("full", "uri", "x"), [4]bool{}},
	} {
		for i, room := range []ivschat.Room{{}, plain, detached, full} {
			if keeps := test.filter.Matches(room); keeps != test.want[i] {
				t.Errorf("%s: Matches returns %t for %+v", name, keeps, room)
			}
		}
	}
}

func TestExceptionsNameTheResourceOrMember(t *testing.T) {
	t.Parallel()
	arn, err := ivschat.ParseARN(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ got, want *ivschat.Exception }{
		{ivschat.NotFound(arn), &ivschat.Exception{
			Type:       ivschat.ResourceNotFoundException,
			Message:    "Resource " + example + " does not exist",
			ResourceID: arn.ID,
		}},
		{ivschat.Conflict(arn, "is in use"), &ivschat.Exception{
			Type:       ivschat.ConflictException,
			Message:    "Resource " + example + " is in use",
			ResourceID: arn.ID,
		}},
		{ivschat.QuotaExceeded(arn.Owner, "rooms", 3), &ivschat.Exception{
			Type:       ivschat.ServiceQuotaExceededException,
			Message:    "Account 123456789012 already has 3 rooms in us-west-2, which is the quota",
			ResourceID: "123456789012",
			Limit:      3,
		}},
		{ivschat.InvalidField("uri", "handler.uri", "why"), &ivschat.Exception{
			Type:    ivschat.ValidationException,
			Message: "Request member: uri failed to satisfy the constraints: why",
			Reason:  ivschat.FieldValidationFailed,
			Fields:  []ivschat.ValidationField{{Name: "handler.uri", Message: "why"}},
		}},
	} {
		if !reflect.DeepEqual(test.got, test.want) {
			t.Errorf("got %+v, want %+v", test.got, test.want)
		}
		if got, want := test.got.Error(), test.want.Type.Name+": "+test.want.Message; got != want {
			t.Errorf("Error returns %q, want %q", got, want)
		}
		wrapped := fmt.Errorf("wrapped: %w", test.got)
		if exception, ok := errors.AsType[*ivschat.Exception](wrapped); !ok || exception != test.got {
			t.Errorf("%v does not contain the exception", wrapped)
		}
	}
}
