package claims

import (
	"maps"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// reasons has the reasons of claims, by ID: decisions about behaviour that is not known outside
// of AWS, and deviations, where the emulator knowingly differs from the service.
var reasons = merge(deviations, controlDecisions, messagingDecisions)

func merge(tables ...map[string]string) map[string]string {
	all := map[string]string{}
	for _, table := range tables {
		maps.Copy(all, table)
	}
	return all
}

const (
	notVerified = "Signatures are verified only with --auth signatures or --auth iam, so that curl, a browser and tests " +
		"without secrets can send requests."
	rateNotLimited = "Request rates of the control plane are limited only with --api-rates aws, because correct " +
		"tests would fail."
)

// deviations has the reasons of claims that the emulator knowingly does not meet.
var deviations = map[string]string{
	"C129": notVerified,
	"C130": notVerified,
	"C133": rateNotLimited,
	"C136": "The emulator is not behind CloudFront, and no client reads the header.",
	"C137": "A message helps the reader. The recording shows what an SDK printed, not the body.",
	"C141": rateNotLimited,
	"C142": rateNotLimited,
	"C143": rateNotLimited,
	"C144": rateNotLimited,
	"C145": rateNotLimited,
	"C146": rateNotLimited,
	"C147": rateNotLimited,
	"C148": rateNotLimited,
	"C149": rateNotLimited,
	"C150": rateNotLimited,
	"C151": rateNotLimited,
	"C153": rateNotLimited,
	"C154": rateNotLimited,
	"C155": rateNotLimited,
	"C156": rateNotLimited,
	"C171": "Requests need no signature here, so every page that a developer opens could make chat tokens and " +
		"delete rooms. By default only pages of the same machine are answered; --cors-origin allows others.",
	"C226": "The permissions of functions are checked only with --lambda-permission check, by the server of --lambda-endpoint.",
	"C242": "Accounts are made up, so the account of a function is checked only for rooms in the account of " +
		"--account, if that is set.",
	"C525": "Destinations are not checked, because there is no S3 to ask.",
	"C531": "A logging configuration is created at once, so there is nothing to wait for.",
	"M516": rateNotLimited,
}

// switches has the switch with which deviations for a reason hold.
var switches = map[string]conformance.Switch{
	notVerified:    conformance.Signatures,
	rateNotLimited: conformance.Rates,
}

const (
	nextFrame        = "The guide does not say when it takes effect. A test must be able to rely on it."
	acceptedBefore   = "This is not documented. What clients have received must not be lost."
	onGrid           = "The guide only has the average delay."
	likeControlPlane = "The control plane does the same."
	likeNotJSON      = "This is the same as for a body that is not JSON."
	likeNotJSONFrame = "This is the same as for a frame that is not JSON."
	likeMissingToken = "This is the same as for a missing token."
	emptyName        = "Not on record. The sister service ivs returns \"\" for strings that were not set, and " +
		"public tools such as awtest read the name of a room without a check."
	denseCollections = "The model has no sparse maps or lists, and Smithy's protocol tests require the " +
		"refusal of a REST-JSON server."
	likeOtherAWS     = "AWS's JSON protocols do the same elsewhere."
	unknownOperation = "The model also has ValidationException with the reason UNKNOWN_OPERATION, and API " +
		"Gateway answers an unknown path with 403 elsewhere. This common error is described as exactly this case."
	commonError      = "This is one of the API's common errors."
	notForbidden     = "The model does not forbid it."
	wrongPage        = "The page would not be the one that was requested."
	recoversSteadily = "This is not known. AWS documents token buckets elsewhere. With a window of one " +
		"second, a sender that keeps exactly to the rate would be refused, because arrivals are uneven."
	malformedRequest = "ERROR 400 is documented for malformed requests. It is not documented which requests " +
		"are malformed."
	limitOfRoom       = "This is not documented. The limit is one of the room and not of a connection."
	everyChat         = "This is not documented, but every chat needs it."
	oneType           = "The API allows one type. It does not say how another number of types is refused."
	deletionIsAnEvent = "A deletion is an event for clients. Alchemy's live test deletes the ID of an event, which is " +
		"not a message either."
	createFailed = "This is not documented. There is nothing complete to update, and Terraform deletes what could " +
		"not be created."
	beforeReview = "This is not documented. A function is paid for each invocation, and the message could not be " +
		"delivered anyway."
	exactAnswer = "The guide documents names and values in this case only."
	tooDeep     = "This is not documented. No documented input has more than three levels."
	utf8Bytes   = "does not say what is counted. AWS counts bytes of UTF-8 elsewhere."
)

// invalidSignature is for signatures that are complete, but are not those of their requests.
const invalidSignature = "This is the exception of SigV4 in Smithy, and what other services with JSON answer."

// controlDecisions has the reasons of decisions about the control plane.
var controlDecisions = map[string]string{
	// Requests.
	"C103": "This is not documented. An ID that two requests had in common would identify neither.",
	"C111": "Only the message about the permission of a function is on record.",
	"C116": "The model has the types, but not the exception for another type. Every operation declares " +
		"ValidationException.",
	"C632": "This is not documented. The answer does not show what another account has.",
	"C633": "This is not documented. ListRooms does not return the rooms of another region either.",
	"C110": "Only single violations are on record. Reporting all at once saves a developer time, " +
		"and fieldList is a list.",
	"C112": unknownOperation,
	"C113": unknownOperation,
	"C114": "Every operation declares ValidationException, so every SDK maps it to its type.",
	"C115": likeNotJSON,
	"C117": tooDeep,
	"C118": likeOtherAWS,
	"C119": likeOtherAWS,
	"C160": denseCollections,
	"C120": "Smithy's JSON serializers write integers without a fraction and without an exponent.",
	"C122": "Some SDKs do not encode the ARN, and neither do most people who use curl.",
	"C128": commonError,
	"C173": "IncompleteSignature is the common error for a signature that does not conform to AWS standards, and what " +
		"API Gateway answers elsewhere.",
	"C640": commonError,
	"C641": "IncompleteSignature is the common error for a signature that does not conform to AWS standards.",
	"C175": "The model has no compression of requests, so no SDK compresses. This is the common error for a " +
		"request at the HTTP level.",
	"C174": "The signature is complete, but not one for this service. This is the exception of SigV4 in Smithy.",
	"C650": "The rules are in the IAM User Guide, except for five minutes, which other services with JSON allow.",
	"C651": invalidSignature,
	"C652": invalidSignature,
	"C653": "The IAM User Guide says that such headers must be signed, but not what the answer is.",
	"C654": "UNSIGNED-PAYLOAD is for S3 only. S3 refuses a hash that is not that of the body, too.",
	"C655": "This is what other services with JSON answer, such as Kinesis. The common error RequestExpired is for more " +
		"than 15 minutes.",
	"C656": commonError + " The texts of other services have this name.",
	"C657": invalidSignature,
	"C658": commonError + " Other services answer a wrong session token like an access key that does not exist.",
	"C670": "It is not known what the messaging endpoint answers to anything else.",
	"C659": "RequestExpired is the common error of other services for presigned requests. IVS Chat may not allow them " +
		"for longer than others.",
	"C661": "The model does not declare the exception for them. It is a common error, and the Service Authorization " +
		"Reference has their actions.",
	"C668": "The Service Authorization Reference has the type of the resource, and the User Guide says that * is needed.",
	"C669": "This is not documented. A policy can be compared only with a valid ARN.",
	"C172": "The model lists headers, so others are probably not allowed. A page that sends one would fail on AWS.",
	"C170": "Some front ends send every request with credentials. A browser would block the response.",
	"C134": commonError + " The limit is our choice.",
	"C152": "API Gateway, which seems to be in front of the service, allows 10,240 bytes. The model allows " +
		"requests with up to 78 KiB.",

	// Rooms.
	"C211": emptyName,
	"C220": "The model allows an empty name, and there is no other way to remove a name.",
	"C630": "Terraform's live test shows that the handler is returned. It would also pass without a uri.",
	"C635": "The guide demands the same region. ValidationException is what other values of uri cause.",
	"C225": "The handler's members keep their values when a request does not have them, like the " +
		"members of the room.",
	"C232": "CreateRoom declares ResourceNotFoundException, and nothing else in its request " +
		"could be missing.",
	"C233": notForbidden,

	// Logging configurations.
	"C533": emptyName,

	// Lists.
	"C310": "ListRooms declares no exception that fits better.",
	"C311": wrongPage,
	"C312": wrongPage,
	"C314": "A nextToken is a position in the order and not a number of rooms.",
	"C316": "The model only says that the list is filtered by the name.",
	"C319": "ListRooms declares ResourceNotFoundException, and nothing else in its request could " +
		"be missing.",
	"C320": "The model does not say how filters combine.",

	// Chat tokens.
	"C407": "On record are sessions of 60 and of 180 minutes. The token of both is valid for 60 minutes.",
	"C636": "SDKs print the recorded times in the same way with and without a fraction of zeros.",
	"C409": "This is not documented. A token that outlasted its session would open a connection " +
		"whose session is over.",
	"C414": notForbidden,
	"C416": "“1 KB total” " + utf8Bytes,
	"C417": "The model marks userId as sensitive.",

	// Logging configurations.
	"C504": oneType,
	"C505": oneType,
	"C511": "The model has the state CREATING, and Terraform waits for its end. Recorded replies " +
		"are ACTIVE within half a second.",
	"C513": "There is no S3 to ask.",
	"C631": "DeleteLoggingConfiguration declares ConflictException, and no other of its exceptions fits.",
	"C523": "The order is not documented. Rooms have this order.",
	"C532": "The model has no other value.",
	"C782": "This is not documented. Otherwise, it would exist forever.",
	"C783": createFailed,
	"C784": "This is not documented. A logging configuration that becomes UPDATE_FAILED stays attached, too.",
	"C785": "This is not documented. It exists until it is deleted.",
	"C788": "This is not documented. What failed has not happened.",
	"C789": "This is not documented. Otherwise, it could never be ACTIVE again.",
	"C791": "This is not documented. Otherwise, it would exist forever.",
	"C792": "This is not documented. Nothing is known of what is left after a deletion that failed.",

	// Tags and events.
	"C612": "The model allows 50 tags. It does not say how more are refused.",
	"C634": "The rule says neither how such a key is refused, nor whether the letter case matters.",
	"C614": "This is not documented. Terraform adds tags without an update and sees no change.",
	"C618": "The SDKs discard the body. The documentation says that it is empty, but Smithy's protocol tests require " +
		"an empty object of a server, since before this service existed.",
	"C620": "The service model refers to the general rules for tags, which list the characters. The " +
		"exception is that of every member that violates its constraint.",
	"C703": deletionIsAnEvent,
	"C711": "No rule against it is documented.",
	"C715": "“4 KB total” " + utf8Bytes,
}

// messagingDecisions has the reasons of decisions about messaging.
var messagingDecisions = map[string]string{
	// The handshake.
	"M104": "Clients only use the path /. The mock server of one demo has another path.",
	"M105": "No restriction is documented.",
	"M120": "No history is documented. Earlier messages are what chat logging is for.",
	"M123": "The guide says that a token is used to establish a connection, and none was established.",
	"M110": "The status and the body of a refusal are not known. The documentation of ERROR 401 " +
		"includes a missing token.",
	"M111": likeMissingToken,
	"M112": likeMissingToken,
	"M113": "The documentation of ERROR 401 includes a connection that has expired.",
	"M114": "The documentation of ERROR 404 says that the room does not exist.",
	"M116": likeControlPlane,
	"M122": commonError,
	"M126": "The documentation lists one messaging endpoint for each region, and nothing about rooms of another one.",
	"M127": "The documentation lists another endpoint for chat clients.",
	"M125": "Otherwise it would be a request to the control plane, and its client would not learn why " +
		"it cannot connect.",

	// Actions and frames.
	"M203": "The documentation excludes no character.",
	"M205": "A review handler must not return empty Content, so a client must not send it either.",
	"M208": "This is the model's pattern of a message ID.",
	"M220": tooDeep,
	"M216": malformedRequest,
	"M217": malformedRequest,
	"M218": malformedRequest + " A sample in the User Guide sends [object Object].",
	"M219": malformedRequest,
	"M223": malformedRequest,
	"M224": malformedRequest,
	"M221": likeNotJSONFrame +
		" RFC 6455 would close the connection with close code 1007. An ERROR keeps it open.",
	"M222": "The protocol is text. An ERROR keeps the connection open.",
	"M225": "This is the limit of what a review handler may return.",
	"M239": "It is not a string, and the control plane refuses it, too.",
	"M226": "This is the limit of the same member in DeleteMessage and DisconnectUser.",
	"M227": "This is the limit of the same member in DisconnectUser.",
	"M250": "The official clients send a UUID of 36 characters. Without a limit, a frame of 64 KiB " +
		"would be repeated to everyone in the room.",
	"M228": "No limit is documented. The largest useful frame is far smaller.",
	"M229": likeControlPlane,
	"M232": deletionIsAnEvent,
	"M231": "An ERROR is documented as the answer to an operation that fails. Other clients cannot use it.",
	"M233": "The documentation of ERROR 404 says that the room does not exist.",
	"M235": "The model says that this is the maximum, and the Messaging API that Content is shorter.",
	"M238": limitOfRoom,
	"M240": "Lower case is on record.",
	"M305": "The documentation sorts the members alphabetically. The other frames begin with " +
		"Type, Id, RequestId.",
	"M310": "No EVENT of SendEvent is on record. Those of DeleteMessage and DisconnectUser have \"\".",
	"M330": "The model calls it the ID of the operation. The ID that SendEvent returns is that of its EVENT.",
	"M334": "No recorded frame has such a character. Clients that decode JSON see no difference.",
	"M336": "No ERROR is on record. The other frames have \"\".",
	"M313": "This is not on record. The client receives what was sent.",
	"M326": "It is not known whether the service leaves the Reason out or sends \"\".",
	"M329": "Recorded messages do the same.",
	"M403": "This is not documented. A test can compare what two clients received.",
	"M405": everyChat,
	"M406": everyChat,
	"M407": "This is not documented. One order is the strongest guarantee, and tests can rely on " +
		"it.",
	"M251": "It is not known what the service does with clients that send far too much. The client for " +
		"JavaScript matches answers by RequestId, and a frame with a message is much shorter than 4 KiB.",
	"M415": "The documentation does not exclude the user's own ID.",
	"M421": everyChat,
	"M505": "An ERROR answers one request. Nothing documented says that it ends the connection.",
	"M510": limitOfRoom,
	"M514": "This is not known. AWS documents token buckets elsewhere, and what is refused takes no " +
		"token from them.",
	"M515": "The quota counts requests.",
	"M517": recoversSteadily,
	"M518": recoversSteadily,

	// Sessions.
	"M608": "No timeout is documented. Browsers cannot send pings, and AWS's demos send none.",
	"M341": "The time is known when the token is created. It is not known whether a late connection moves it.",
	"M603": "The JavaScript client handles exactly this: it requests a new token.",
	"M604": "The JavaScript client treats every clean close as final.",

	// Reviews of messages.
	"M702": "The User Guide says that the function is invoked for each SendMessage, and nothing about other requests.",
	"M704": beforeReview,
	"M705": beforeReview,
	"M707": "No repetition is documented. Within 200 ms there is hardly time for one.",
	"M711": "JSON objects have no order. This is the one that readers of logs know from the guide.",
	"M714": "The guide only shows Attributes with members. Recorded MESSAGE frames have null.",
	"M716": "The guide only shows Attributes with members. Recorded MESSAGE frames have {}.",
	"M718": "The header of a proxy on this machine can be believed. Others could claim any address with it.",
	"M723": "The guide only says that Attributes are associated with the message. An object is what the function " +
		"wants the message to have.",
	"M725": "The guide does not forbid them, and functions often return more than they need to.",
	"M733": "The guide says that the Reason is included, so applications must not expect the Reason alone.",
	"M737": "“1 KB total” " + utf8Bytes,
	"M738": "The rate is one of requests, and the room has accepted this one.",
	"M743": exactAnswer,
	"M744": exactAnswer,
	"M765": "ERROR 406 is documented for a message that a review rejects. The text is not known.",
	"M768": "It was invoked, and has not answered. Lambda has its own metric Errors for it.",
	"M770": everyChat,
	"M771": "This is not documented. Otherwise one slow review would delay the whole room.",
	"M773": "This is not documented. A moderator who disconnects a user does not expect more of this user's messages.",
	"M774": "This is not documented. Without a review, the message would have been delivered.",
	"M775": "The documentation of ERROR 404 says that the room does not exist.",
	"M776": "This is not documented. The message was accepted before the change.",

	// Chat logs.
	"M802": "JSON objects have no order. This is the one of recorded records.",
	"M805": "Recorded records have three digits, but none of them has a zero at its end.",
	"M811": "The guide has no type for them: valid are MESSAGE and EVENT. An ERROR goes to one client.",
	"M812": "The guide says that the payload is what clients receive, and nobody receives this message.",
	"M814": "The guide says that every request is recorded, and nothing about connections.",
	"M816": "This is not documented. A replay of the log should show what viewers saw.",
	"M824": nextFrame,
	"M825": nextFrame,
	"M826": nextFrame,
	"M827": nextFrame,
	"M828": acceptedBefore,
	"M829": acceptedBefore,
	"M830": acceptedBefore,
	"M841": "The guide only says that it is the UTC timestamp of when the message was received, but an object has " +
		"many.",
	"M842": "The guide only has the average delay, 5 minutes.",
	"M845": "The guide only says that the hash ensures uniqueness. Sorted keys are easier to read.",
	"M846": onGrid,
	"M847": onGrid,
	"M848": onGrid,
	"M849": "The guide does not say it. So no record comes into a window that was delivered.",
	"M850": "The clock of the service cannot be moved.",
	"M851": "This is not documented. An empty object would tell nobody anything.",
	"M853": "The service has no flush. A test should not have to wait for the end of a window.",
	"M854": "The service has no such numbers.",
	"M855": "The guide does not say that destinations must differ. Each logging configuration delivers what it logs.",
	"M860": "The guide only has the extension .log.gz. A program that splits the text into lines reads recorded " +
		"objects.",
	"M863": "This is not documented. Log events can then be found by the time of the message.",
	"M864": "The delimiter is not documented. With one, the objects that Firehose writes can be split into lines.",
	"M866": "The guide only says that the hash ensures uniqueness. With another key, the records would be there twice.",
	"M867": "The clock of the service cannot be moved. Losing the log event would be worse.",
	"M868": "The guide says that you must own the location, so it exists before.",
	"M870": "This is not documented. Those who chat cannot do anything about it.",
	"M871": "This is not documented. Otherwise a short failure would lose records.",
	"M872": "Firehose recommends it. Otherwise the other records would arrive twice.",
}
