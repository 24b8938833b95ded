package conformance

const (
	notLimited   = "Request rates of the control plane are not limited: tests would fail for no fault of theirs."
	offUnlessSet = "The rates of an account are off unless they are set."
)

// deviations says of claims why an emulator does not simply hold them: those
// with the source Decided, because nobody outside of AWS knows what the service
// does, and others, because the emulator knowingly does otherwise.
var deviations = map[string]string{
	// What the emulator does otherwise.
	"C129": "Signatures are not verified: an emulator guards nothing, and tests have no secrets.",
	"C130": "Requests without a signature are taken, so that curl and a browser will do.",
	"C133": notLimited,
	"C141": notLimited,
	"C142": notLimited,
	"C143": notLimited,
	"C144": offUnlessSet,
	"C145": notLimited,
	"C146": offUnlessSet,
	"C147": notLimited,
	"C148": notLimited,
	"C149": notLimited,
	"C150": notLimited,
	"C151": notLimited,
	"C153": notLimited,
	"C154": notLimited,
	"C155": notLimited,
	"C156": notLimited,
	"C136": "There is no CloudFront in front, and no client looks for it.",
	"C137": "A message helps whoever reads it. The record is what an SDK printed, not the body.",
	"C139": "Nothing is served to be framed or cached, over plain HTTP, and the values are not known.",
	"C226": "No function is looked at: there is no Lambda to ask.",
	"C525": "No destination is looked at: there is no S3 to ask.",
	"C531": "It is made at once: there is nothing to wait for.",
	"M516": offUnlessSet,

	// What had to be decided: the wire.
	"C110": "Only one violation was ever seen on record. All at once saves a developer rounds, and fieldList is a list.",
	"C112": "The one fitting entry of the API's common errors.",
	"C113": "The one fitting entry of the API's common errors.",
	"C114": "Every operation declares ValidationException, so every SDK gives it its type.",
	"C115": "As for a body that is no JSON.",
	"C117": "As for a body that is no JSON.",
	"C118": "What AWS's JSON protocols do elsewhere.",
	"C119": "What AWS's JSON protocols do elsewhere.",
	"C120": "Smithy's JSON serializers write integers plainly.",
	"C122": "Some SDKs and most people with curl do not encode.",
	"C127": "What the service answers to a preflight is not known. A front end that is developed offline has no back end to go through.",
	"C128": "An entry of the API's common errors.",
	"C134": "An entry of the API's common errors; the bound is ours.",

	// Rooms.
	"C211": "Whether the service leaves it out or gives \"\" is not known. The model says “if specified”.",
	"C220": "The model allows an empty name, and there is no other way to clear one.",
	"C225": "Members of the handler that are not given keep their value, as those of the room do.",
	"C232": "CreateRoom declares ResourceNotFoundException, and nothing else that it takes could be missing.",
	"C233": "The model does not forbid it.",

	// Lists.
	"C310": "ListRooms declares no better exception.",
	"C311": "The page would not be the one that was meant.",
	"C312": "The page would not be the one that was meant.",
	"C314": "A token is a position in the order, not a number.",
	"C316": "The model only says that the list is narrowed to the name.",
	"C319": "ListRooms declares ResourceNotFoundException, and nothing else that it takes could be missing.",
	"C320": "The model does not say how filters combine.",

	// Chat tokens.
	"C409": "Not documented; a token that outlasts its session would open a connection that is over.",
	"C414": "The model does not forbid it.",
	"C416": "“1 KB total” does not say of what. Bytes of UTF-8 are what AWS counts elsewhere.",
	"C417": "The model marks userId sensitive.",

	// Logging configurations.
	"C511": "The model has CREATING, and Terraform waits for it to pass. Replies on record are ACTIVE within half a second.",
	"C513": "There is no S3 to ask.",
	"C523": "No order is documented; rooms have this one.",
	"C532": "The model has no other value.",

	// Tags and events.
	"C614": "Not documented. Terraform tags without an update and sees no change.",
	"C618": "The SDKs discard the body. An empty object is what Smithy's protocol tests ask for.",
	"C711": "No rule against it is documented.",
	"C715": "“4 KB total” does not say of what. Bytes of UTF-8 are what AWS counts elsewhere.",

	// The handshake.
	"M104": "Clients only ever use /. One demo's mock server has a path.",
	"M110": "Status and body of a refusal are not known. The 401 of ERROR frames covers a missing token.",
	"M111": "As for a missing token.",
	"M112": "As for a missing token.",
	"M113": "The 401 of ERROR frames covers what has expired.",
	"M114": "The 404 of ERROR frames says that the room does not exist.",
	"M116": "As on the control plane.",
	"M122": "An entry of the API's common errors.",

	// Actions and frames.
	"M205": "A review handler must not return empty Content; so a client must not send it.",
	"M208": "The model's form of a message id.",
	"M220": "As for what is no JSON.",
	"M221": "As for what is no JSON. RFC 6455 would close with 1007; an ERROR is kinder and keeps the connection.",
	"M222": "The protocol is text. An ERROR is kinder than a close.",
	"M225": "What a review handler may return.",
	"M226": "The same member of DeleteMessage and DisconnectUser.",
	"M227": "The same member of DisconnectUser.",
	"M228": "No limit is documented. The largest sensible frame is far smaller.",
	"M229": "As on the control plane.",
	"M305": "The documentation prints members by the alphabet; the other frames begin with Type, Id, RequestId.",
	"M313": "Not on record. It is what was sent.",
	"M326": "Whether the service leaves it out or gives \"\" is not known.",
	"M329": "As messages do on record.",
	"M406": "Not documented, but what every chat needs.",
	"M407": "Not documented; one order is the strongest promise, and tests can rely on it.",
	"M514": "Neither is the shape of the window known.",
	"M515": "The quota speaks of requests.",

	// Sessions.
	"M603": "The JavaScript client has a path for just this: it fetches a new token.",
	"M604": "The JavaScript client takes every clean close as final.",
}
