package ivschat

// A FrameType is the Type of a frame that clients receive (Messaging API).
type FrameType string

// The frame types.
const (
	FrameMessage FrameType = "MESSAGE"
	FrameEvent   FrameType = "EVENT"
	FrameError   FrameType = "ERROR"
)
