package ivschat

// A FrameType is the Type of a frame that clients receive (Messaging API: Message, Event and Error
// Messages).
type FrameType string

// The frame types.
const (
	FrameMessage FrameType = "MESSAGE"
	FrameEvent   FrameType = "EVENT"
	FrameError   FrameType = "ERROR"
)
