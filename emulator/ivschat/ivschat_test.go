package ivschat_test

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/ivschat-local/ivschat-local/emulator/random"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

func TestIDsAreTwelveLettersAndDigitsAndDistinct(t *testing.T) {
	t.Parallel()
	form, distinct, letters := regexp.MustCompile("^[A-Za-z0-9]{12}$"), map[string]bool{}, map[rune]int{}
	random := random.New(7)
	const many = 20_000
	for range many {
		id := random.ID()
		if !form.MatchString(id) || len(id) != ivschat.IDLength {
			t.Fatalf("%q is no id", id)
		}
		distinct[id] = true
		for _, letter := range id {
			letters[letter]++
		}
	}
	if len(distinct) != many {
		t.Errorf("of %d ids %d are distinct", many, len(distinct))
	}
	if len(letters) != 62 {
		t.Errorf("%d letters and digits occur", len(letters))
	}
	// Each is expected 3,871 times with a deviation of 62, so that chance does
	// not get near this bound, but a byte taken modulo 62 passes it by far.
	for letter, n := range letters {
		if expected := many * 12 / 62; n < expected*9/10 || n > expected*11/10 {
			t.Errorf("%c occurs %d times", letter, n)
		}
	}
}

func TestARoomFilterKeepsWhatAllOfItNames(t *testing.T) {
	t.Parallel()
	logging := ivschat.ARN{Owner: ivschat.Owner{AccountID: "1", Region: "r"}, ResourceType: ivschat.LoggingConfigurationResource, ID: "l"}
	other := logging
	other.ID = "other"
	plain := ivschat.Room{Name: "plain"}
	detached := ivschat.Room{Name: "full", MessageReviewHandler: &ivschat.MessageReviewHandler{}}
	full := ivschat.Room{
		Name:                            "full",
		MessageReviewHandler:            &ivschat.MessageReviewHandler{URI: "uri"},
		LoggingConfigurationIdentifiers: []ivschat.ARN{other, logging},
	}
	for name, test := range map[string]struct {
		filter ivschat.RoomFilter
		keeps  [4]bool // nameless, plain, detached, full
	}{
		"an empty filter keeps all":        {ivschat.RoomFilter{}, [4]bool{true, true, true, true}},
		"a name":                           {ivschat.RoomFilter{Name: "full"}, [4]bool{false, false, true, true}},
		"a name in another letter case":    {ivschat.RoomFilter{Name: "Full"}, [4]bool{}},
		"the beginning of a name":          {ivschat.RoomFilter{Name: "ful"}, [4]bool{}},
		"a handler":                        {ivschat.RoomFilter{MessageReviewHandlerURI: "uri"}, [4]bool{3: true}},
		"another handler":                  {ivschat.RoomFilter{MessageReviewHandlerURI: "ur"}, [4]bool{}},
		"a logging configuration":          {ivschat.RoomFilter{LoggingConfigurationIdentifier: logging.String()}, [4]bool{3: true}},
		"the id of one instead of its ARN": {ivschat.RoomFilter{LoggingConfigurationIdentifier: "l"}, [4]bool{}},
		"all at once":                      {ivschat.RoomFilter{Name: "full", MessageReviewHandlerURI: "uri", LoggingConfigurationIdentifier: other.String()}, [4]bool{3: true}},
		"all but the name":                 {ivschat.RoomFilter{Name: "plain", MessageReviewHandlerURI: "uri", LoggingConfigurationIdentifier: other.String()}, [4]bool{}},
		"all but the handler":              {ivschat.RoomFilter{Name: "full", MessageReviewHandlerURI: "x", LoggingConfigurationIdentifier: other.String()}, [4]bool{}},
		"all but the logging":              {ivschat.RoomFilter{Name: "full", MessageReviewHandlerURI: "uri", LoggingConfigurationIdentifier: "x"}, [4]bool{}},
	} {
		for i, room := range []ivschat.Room{{}, plain, detached, full} {
			if keeps := test.filter.Keeps(room); keeps != test.keeps[i] {
				t.Errorf("%s: Keeps is %t for %+v", name, keeps, room)
			}
		}
	}
}

func TestExceptionsNameWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	arn, err := ivschat.ParseARN(example)
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[*ivschat.Exception]*ivschat.Exception{
		{Kind: ivschat.ResourceNotFoundException, Message: "Resource " + example + " does not exist", ResourceID: arn.ID}: ivschat.NotFound(arn),
		{Kind: ivschat.ConflictException, Message: "Resource " + example + " is in use", ResourceID: arn.ID}:              ivschat.Conflict(arn, "is in use"),
		{
			Kind: ivschat.ServiceQuotaExceededException, ResourceID: "123456789012", Limit: 3,
			Message: "Account 123456789012 already has 3 rooms in us-west-2, which is its quota",
		}: ivschat.QuotaExceeded(arn.Owner, "rooms", 3),
		{
			Kind: ivschat.ValidationException, Reason: ivschat.FieldValidationFailed, Fields: []ivschat.ValidationField{{Name: "handler.uri", Message: "why"}},
			Message: "Request member: uri failed to satisfy the constraints: why",
		}: ivschat.InvalidField("uri", "handler.uri", "why"),
	} {
		if !reflect.DeepEqual(got, want) {
			t.Errorf("it is %+v, not %+v", got, want)
		}
		var wrapped *ivschat.Exception
		if err := fmt.Errorf("wrapped: %w", got); !errors.As(err, &wrapped) || got.Error() != want.Kind.Name+": "+want.Message {
			t.Errorf("as an error it is %v", got)
		}
	}
}
