package awsapi

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"unicode"
)

// A Reply is what a server answered to a request.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte // the first MaximumBody bytes
	Long   bool   // there are more
}

// OK reports whether the status is a success.
func (r Reply) OK() bool { return r.Status/100 == 2 }

// IsJSON reports whether the body is JSON.
func (r Reply) IsJSON() bool { return json.Valid(r.Body) }

// Exception returns the type of the exception in a reply, "" if there is none, and its message. It reads the
// errors of APIs in JSON, and those of S3, which are XML.
func (r Reply) Exception() (name, message string) {
	var body struct {
		XMLName xml.Name `json:"-" xml:"Error"`
		Type    string   `json:"__type" xml:"-"`
		Code    string
		Message string
	}
	if json.Unmarshal(r.Body, &body) != nil {
		_ = xml.Unmarshal(r.Body, &body) // a page in HTML, for instance, has none of them
	}
	for _, name = range []string{r.Header.Get("X-Amzn-ErrorType"), body.Type, body.Code} {
		name, _, _ = strings.Cut(name, ":") // a URI may follow
		name = name[strings.LastIndex(name, "#")+1:]
		if name != "" {
			break
		}
	}
	return Short(name), Short(body.Message)
}

// Describe returns the exception of a reply, or where it redirects to, to follow its status.
func (r Reply) Describe() Saying {
	text := string(r.Redirect())
	name, message := r.Exception()
	if name != "" {
		text += " " + name
	}
	if message != "" {
		text += ": " + message
	}
	return Saying(text)
}

// Redirect returns how an error about a redirect ends, or "" if the reply is none.
func (r Reply) Redirect() Saying {
	location := r.Header.Get("Location")
	if r.Status/100 != 3 || location == "" {
		return ""
	}
	return Saying(fmt.Sprintf(", a redirect to %s, which is not followed", Short(DisplayURL(location))))
}

// shortText is how many bytes of a text from a server are shown.
const shortText = 1 << 10

// Short returns the beginning of a text as one line without control characters.
func Short(text string) string {
	if len(text) > shortText {
		text = text[:shortText]
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	return strings.TrimSpace(text)
}
