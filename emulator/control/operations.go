package control

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// An Operation is one row of the Amazon IVS Chat API: all there is to know of
// it but what it does. How often it may be called is not limited (decision D22).
type Operation struct {
	Name   string
	Method string
	Path   string          // gorilla/mux template
	Status int             // of a success
	Input  shape.Structure // members of the request, wherever they travel
	Errors []ivschat.Kind  // the exceptions that the model declares
	do     do
}

// Operations gives the table, in the order of AWS's API reference.
func Operations() []Operation { return operations }

// DeclaredExceptions gives the exceptions that each operation declares.
func DeclaredExceptions() map[string][]ivschat.Kind {
	declared := map[string][]ivschat.Kind{}
	for _, op := range operations {
		declared[op.Name] = op.Errors
	}
	return declared
}

// Violations holds the members of a request, decoded with
// json.Decoder.UseNumber, against the operation's shape, and takes out what the
// shape does not know. The operation must be one.
func Violations(operation string, members map[string]any) []shape.Violation {
	for _, op := range operations {
		if op.Name == operation {
			return shape.Check(op.Input, members)
		}
	}
	panic("control: there is no operation " + operation)
}

var operations = []Operation{
	{
		Name: "CreateChatToken", Method: http.MethodPost, Path: "/CreateChatToken", Status: http.StatusOK,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("userId", userID),
			optional("capabilities", chatTokenCapabilities),
			optional("sessionDurationInMinutes", sessionDurationInMinutes),
			optional("attributes", chatTokenAttributes),
		),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).createChatToken),
	},
	{
		Name: "CreateLoggingConfiguration", Method: http.MethodPost, Path: "/CreateLoggingConfiguration", Status: http.StatusOK,
		Input: structure(
			optional("name", loggingConfigurationName),
			required("destinationConfiguration", destinationConfiguration),
			optional("tags", tagMap),
		),
		Errors: kinds(ivschat.ConflictException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ServiceQuotaExceededException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).createLoggingConfiguration),
	},
	{
		Name: "CreateRoom", Method: http.MethodPost, Path: "/CreateRoom", Status: http.StatusOK,
		Input: structure(
			optional("name", roomName),
			optional("maximumMessageRatePerSecond", roomMaxMessageRatePerSecond),
			optional("maximumMessageLength", roomMaxMessageLength),
			optional("messageReviewHandler", messageReviewHandler),
			optional("tags", tagMap),
			optional("loggingConfigurationIdentifiers", loggingConfigurationIdentifierList),
		),
		Errors: kinds(ivschat.ConflictException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ServiceQuotaExceededException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).createRoom),
	},
	{
		Name: "DeleteLoggingConfiguration", Method: http.MethodPost, Path: "/DeleteLoggingConfiguration", Status: http.StatusNoContent,
		Input:  structure(required("identifier", loggingConfigurationIdentifier)),
		Errors: kinds(ivschat.ConflictException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).deleteLoggingConfiguration),
	},
	{
		Name: "DeleteMessage", Method: http.MethodPost, Path: "/DeleteMessage", Status: http.StatusOK,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("id", messageID),
			optional("reason", reason),
		),
		Errors: kinds(ivschat.ThrottlingException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).deleteMessage),
	},
	{
		Name: "DeleteRoom", Method: http.MethodPost, Path: "/DeleteRoom", Status: http.StatusNoContent,
		Input:  structure(required("identifier", roomIdentifier)),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).deleteRoom),
	},
	{
		Name: "DisconnectUser", Method: http.MethodPost, Path: "/DisconnectUser", Status: http.StatusOK,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("userId", userID),
			optional("reason", reason),
		),
		Errors: kinds(ivschat.ThrottlingException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).disconnectUser),
	},
	{
		Name: "GetLoggingConfiguration", Method: http.MethodPost, Path: "/GetLoggingConfiguration", Status: http.StatusOK,
		Input:  structure(required("identifier", loggingConfigurationIdentifier)),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ValidationException),
		do:     method((*API).getLoggingConfiguration),
	},
	{
		Name: "GetRoom", Method: http.MethodPost, Path: "/GetRoom", Status: http.StatusOK,
		Input:  structure(required("identifier", roomIdentifier)),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ValidationException),
		do:     method((*API).getRoom),
	},
	{
		Name: "ListLoggingConfigurations", Method: http.MethodPost, Path: "/ListLoggingConfigurations", Status: http.StatusOK,
		Input: structure(
			optional("nextToken", paginationToken),
			optional("maxResults", maxResults),
		),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ValidationException),
		do:     method((*API).listLoggingConfigurations),
	},
	{
		Name: "ListRooms", Method: http.MethodPost, Path: "/ListRooms", Status: http.StatusOK,
		Input: structure(
			optional("name", roomName),
			optional("nextToken", paginationToken),
			optional("maxResults", maxResults),
			optional("messageReviewHandlerUri", lambdaArn),
			optional("loggingConfigurationIdentifier", loggingConfigurationIdentifier),
		),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.ValidationException),
		do:     method((*API).listRooms),
	},
	{
		Name: "ListTagsForResource", Method: http.MethodGet, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK,
		Input:  structure(in(shape.Path, required("resourceArn", resourceArn))),
		Errors: kinds(ivschat.ResourceNotFoundException, ivschat.InternalServerException, ivschat.ValidationException),
		do:     method((*API).listTagsForResource),
	},
	{
		Name: "SendEvent", Method: http.MethodPost, Path: "/SendEvent", Status: http.StatusOK,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("eventName", eventName),
			optional("attributes", eventAttributes),
		),
		Errors: kinds(ivschat.ThrottlingException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).sendEvent),
	},
	{
		Name: "TagResource", Method: http.MethodPost, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK,
		Input: structure(
			in(shape.Path, required("resourceArn", resourceArn)),
			required("tags", tagMap),
		),
		Errors: kinds(ivschat.ResourceNotFoundException, ivschat.InternalServerException, ivschat.ValidationException),
		do:     method((*API).tagResource),
	},
	{
		Name: "UntagResource", Method: http.MethodDelete, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK,
		Input: structure(
			in(shape.Path, required("resourceArn", resourceArn)),
			in(shape.Query, required("tagKeys", tagKeyList)),
		),
		Errors: kinds(ivschat.ResourceNotFoundException, ivschat.InternalServerException, ivschat.ValidationException),
		do:     method((*API).untagResource),
	},
	{
		Name: "UpdateLoggingConfiguration", Method: http.MethodPost, Path: "/UpdateLoggingConfiguration", Status: http.StatusOK,
		Input: structure(
			required("identifier", loggingConfigurationIdentifier),
			optional("name", loggingConfigurationName),
			optional("destinationConfiguration", destinationConfiguration),
		),
		Errors: kinds(ivschat.ConflictException, ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).updateLoggingConfiguration),
	},
	{
		Name: "UpdateRoom", Method: http.MethodPost, Path: "/UpdateRoom", Status: http.StatusOK,
		Input: structure(
			required("identifier", roomIdentifier),
			optional("name", roomName),
			optional("maximumMessageRatePerSecond", roomMaxMessageRatePerSecond),
			optional("maximumMessageLength", roomMaxMessageLength),
			optional("messageReviewHandler", messageReviewHandler),
			optional("loggingConfigurationIdentifiers", loggingConfigurationIdentifierList),
		),
		Errors: kinds(ivschat.AccessDeniedException, ivschat.ResourceNotFoundException, ivschat.PendingVerification, ivschat.ValidationException),
		do:     method((*API).updateRoom),
	},
}

func kinds(k ...ivschat.Kind) []ivschat.Kind { return k }
