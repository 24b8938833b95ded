package control

import (
	"strconv"

	"github.com/ivschat-local/ivschat-local/emulator/plainjson"
)

// An appender is a response that writes its JSON itself, with the result that encoding/json would have. The
// responses of the operations that are called most often do. A fuzz test compares them.
type appender interface {
	// appendJSON appends the response to a text.
	appendJSON(text []byte) []byte
}

// appendMember appends what precedes the value of a member, and then the value.
func appendMember(text []byte, before, value string) []byte {
	return plainjson.AppendString(append(text, before...), value)
}

func (r wireRoom) appendJSON(text []byte) []byte {
	text = appendMember(text, `{"arn":`, r.ARN)
	text = appendMember(text, `,"id":`, r.ID)
	text = appendMember(text, `,"name":`, r.Name)
	text = appendMember(text, `,"createTime":`, r.CreateTime)
	text = appendMember(text, `,"updateTime":`, r.UpdateTime)
	if handler := r.MessageReviewHandler; handler != nil {
		text = appendMember(text, `,"messageReviewHandler":{"uri":`, handler.URI)
		text = appendMember(text, `,"fallbackResult":`, string(handler.FallbackResult))
		text = append(text, '}')
	}
	text = plainjson.AppendMap(append(text, `,"tags":`...), r.Tags)
	for i, identifier := range r.LoggingConfigurationIdentifiers {
		before := ","
		if i == 0 {
			before = `,"loggingConfigurationIdentifiers":[`
		}
		text = appendMember(text, before, identifier)
	}
	if len(r.LoggingConfigurationIdentifiers) > 0 {
		text = append(text, ']')
	}
	text = append(text, `,"maximumMessageLength":`...)
	text = strconv.AppendInt(text, int64(r.MaximumMessageLength), 10)
	text = append(text, `,"maximumMessageRatePerSecond":`...)
	text = strconv.AppendInt(text, int64(r.MaximumMessageRatePerSecond), 10)
	return append(text, '}')
}

func (r createChatTokenResponse) appendJSON(text []byte) []byte {
	text = appendMember(text, `{"token":`, r.Token)
	text = appendMember(text, `,"tokenExpirationTime":`, r.TokenExpirationTime)
	text = appendMember(text, `,"sessionExpirationTime":`, r.SessionExpirationTime)
	return append(text, '}')
}

func (r idResponse) appendJSON(text []byte) []byte {
	return append(appendMember(text, `{"id":`, r.ID), '}')
}

func (r listTagsForResourceResponse) appendJSON(text []byte) []byte {
	return append(plainjson.AppendMap(append(text, `{"tags":`...), r.Tags), '}')
}
