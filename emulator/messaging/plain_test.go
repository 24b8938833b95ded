package messaging

import (
	"reflect"
	"testing"
	"unicode/utf8"
)

// plainFrames are frames as clients write them.
var plainFrames = []string{
	`{"Action":"SEND_MESSAGE","Content":"hi"}`,
	`{"Action":"SEND_MESSAGE","RequestId":"r","Content":"ü 日本語 🙂 ` + "\x7f" + `","Attributes":{"k":"v","ü":""}}`,
	" {\t\"action\" :\r\"SEND_MESSAGE\" ,\n\"CONTENT\": \"\" , \"attributes\" : { } } \n",
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"1","k":"2"}}`,
	`{"Action":"DELETE_MESSAGE","Id":"abcdefghijkl","Reason":"why","Attributes":{"k":"v"}}`,
	`{"Action":"DISCONNECT_USER","UserId":"ben","Reason":"why","More":"x"}`,
	`{"Action":"VIEW","RequestId":"r"}`,
	`{"":"","Content":"x"}`,
	`{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","Action":"VIEW"}`,
}

// otherFrames are frames that need the general parser, or are not valid.
var otherFrames = []string{
	``, ` `, `{`, `{}`, `[]`, `"x"`, `null`, `{"Action"`, `{"Action":`, `{"Action":"x`, `{"Action":"x"`,
	`{"Action":"x",`,
	`{"Action":"x",}`, `{"Action":"x"}}`,
	`{"Action":"x"} {}`, "{\"Action\":\"x\"}\x00", `{"Action":"x";"Id":"y"}`,
	`{"Action" "x"}`, `{Action:"x"}`, `{,"Action":"x"}`, `{"Action":"x" "Id":"y"}`, "{\"Action\":\"x\x00\"}",
	"{\"Action\":\"x\n\"}", "{\"Act\x1fion\":\"x\"}", `{"Action":"\u0053END_MESSAGE","Content":"x"}`,
	`{"Action":"SEND_MESSAGE","Content":"a \"b\""}`, `{"\u0041ction":"SEND_MESSAGE","Content":"x"}`,
	`{"Action":"SEND_MESSAGE","content":"this","Content":"not this"}`,
	`{"Action":"SEND_MESSAGE","Content":"not this","Content":"this"}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"a":"b"},"attributes":{}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":null}`, `{"Action":"SEND_MESSAGE","Content":null}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":"x"}`, `{"Action":"SEND_MESSAGE","Content":{"k":"v"}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":[]}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k"`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"v"`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"v",`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"v",}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":1}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":null}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"\n"}}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"v"}`,
	`{"Action":"SEND_MESSAGE","Content":"x","Attributes":{"k":"v";}}`,
	`{"Action":7}`, `{"Action":true}`, `{"Action":[1]}`, "\ufeff{\"Action\":\"x\"}",
	`{"1":"","2":"","3":"","4":"","5":"","6":"","7":"","8":"","Action":"VIEW"}`,
	`{"Action":"DELETE_MESSAGE","` + "\u212a" + `":"x","Id":"abcdefghijkl"}`, // lower-case k
}

func TestFramesOfMostClientsArePlain(t *testing.T) {
	for _, frame := range plainFrames {
		if _, ok := parsePlain(frame); !ok {
			t.Errorf("%s is not plain", frame)
		}
	}
	for _, frame := range otherFrames {
		if _, ok := parsePlain(frame); ok {
			t.Errorf("%s is plain", frame)
		}
	}
}

// FuzzParsePlain checks that a plain frame is the same request, or has the same error, for the general
// parser, which uses encoding/json.
func FuzzParsePlain(f *testing.F) {
	for _, frames := range [][]string{plainFrames, otherFrames} {
		for _, frame := range frames {
			f.Add(frame)
		}
	}
	f.Fuzz(func(t *testing.T, frame string) {
		if !utf8.ValidString(frame) {
			t.Skip("such a frame is refused before")
		}
		plain, ok := parsePlain(frame)
		if !ok {
			return
		}
		got, gotErr := (&parser{plain: plain}).request()
		want, wantErr := parseAny([]byte(frame))
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(gotErr, wantErr) {
			t.Errorf("%s:\n got %+v, %+v\nwant %+v, %+v", frame, got, gotErr, want, wantErr)
		}
	})
}

func TestParsingAPlainFrameAllocatesLittle(t *testing.T) {
	for frame, most := range map[string]float64{
		`{"Action":"SEND_MESSAGE","RequestId":"8fe65e61","Content":"Hi, 日本語 🙂"}`:                        1,
		`{"Action":"SEND_MESSAGE","RequestId":"8fe65e61","Content":"Hi","Attributes":{"k":"v","l":""}}`: 3,
	} {
		text := []byte(frame)
		n := testing.AllocsPerRun(100, func() {
			if _, err := Parse(text); err != nil {
				t.Error(err)
			}
		})
		if n > most {
			t.Errorf("%s: %v allocations, want at most %v", frame, n, most)
		}
	}
}
