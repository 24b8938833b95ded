package model

import (
	"net/http"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
	"github.com/ivschat-local/ivschat-local/emulator/shape"
)

// operations has all operations, in the order of AWS's API reference.
var operations = []Operation{
	{
		Name:   "CreateChatToken",
		Method: http.MethodPost, Path: "/CreateChatToken", Status: http.StatusOK, Rate: 200,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("userId", userID),
			optional("capabilities", chatTokenCapabilities),
			optional("sessionDurationInMinutes", sessionDurationInMinutes),
			optional("attributes", chatTokenAttributes),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.PendingVerification, ivschat.ValidationException,
		},
	},
	{
		Name:   "CreateLoggingConfiguration",
		Method: http.MethodPost, Path: "/CreateLoggingConfiguration", Status: http.StatusOK, Rate: 3,
		Input: structure(
			optional("name", loggingConfigurationName),
			required("destinationConfiguration", destinationConfiguration),
			optional("tags", tagMap),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ConflictException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.ServiceQuotaExceededException,
			ivschat.PendingVerification, ivschat.ValidationException,
		},
	},
	{
		Name:   "CreateRoom",
		Method: http.MethodPost, Path: "/CreateRoom", Status: http.StatusOK, Rate: 5,
		Input: structure(
			optional("name", roomName),
			optional("maximumMessageRatePerSecond", roomMaxMessageRatePerSecond),
			optional("maximumMessageLength", roomMaxMessageLength),
			optional("messageReviewHandler", messageReviewHandler),
			optional("tags", tagMap),
			optional("loggingConfigurationIdentifiers", loggingConfigurationIdentifierList),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ConflictException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.ServiceQuotaExceededException,
			ivschat.PendingVerification, ivschat.ValidationException,
		},
	},
	{
		Name:   "DeleteLoggingConfiguration",
		Method: http.MethodPost, Path: "/DeleteLoggingConfiguration", Status: http.StatusNoContent, Rate: 3,
		Input: structure(required("identifier", loggingConfigurationIdentifier)),
		Errors: []ivschat.ExceptionType{
			ivschat.ConflictException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.PendingVerification,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "DeleteMessage",
		Method: http.MethodPost, Path: "/DeleteMessage", Status: http.StatusOK, Rate: 100,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("id", messageID),
			optional("reason", reason),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ThrottlingException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.PendingVerification,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "DeleteRoom",
		Method: http.MethodPost, Path: "/DeleteRoom", Status: http.StatusNoContent, Rate: 5,
		Input: structure(required("identifier", roomIdentifier)),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.PendingVerification, ivschat.ValidationException,
		},
	},
	{
		Name:   "DisconnectUser",
		Method: http.MethodPost, Path: "/DisconnectUser", Status: http.StatusOK, Rate: 100,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("userId", userID),
			optional("reason", reason),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ThrottlingException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.PendingVerification,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "GetLoggingConfiguration",
		Method: http.MethodPost, Path: "/GetLoggingConfiguration", Status: http.StatusOK, Rate: 3,
		Input: structure(required("identifier", loggingConfigurationIdentifier)),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "GetRoom",
		Method: http.MethodPost, Path: "/GetRoom", Status: http.StatusOK, Rate: 5,
		Input: structure(required("identifier", roomIdentifier)),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "ListLoggingConfigurations",
		Method: http.MethodPost, Path: "/ListLoggingConfigurations", Status: http.StatusOK, Rate: 3,
		Input: structure(
			optional("nextToken", paginationToken),
			optional("maxResults", maxResults),
		),
		Errors: []ivschat.ExceptionType{ivschat.AccessDeniedException, ivschat.ValidationException},
	},
	{
		Name:   "ListRooms",
		Method: http.MethodPost, Path: "/ListRooms", Status: http.StatusOK, Rate: 5,
		Input: structure(
			optional("name", roomName),
			optional("nextToken", paginationToken),
			optional("maxResults", maxResults),
			optional("messageReviewHandlerUri", lambdaArn),
			optional("loggingConfigurationIdentifier", loggingConfigurationIdentifier),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "ListTagsForResource",
		Method: http.MethodGet, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK, Rate: 10,
		Input: structure(in(shape.Path, required("resourceArn", resourceArn))),
		Errors: []ivschat.ExceptionType{
			ivschat.ResourceNotFoundException, ivschat.InternalServerException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "SendEvent",
		Method: http.MethodPost, Path: "/SendEvent", Status: http.StatusOK, Rate: 100,
		Input: structure(
			required("roomIdentifier", roomIdentifier),
			required("eventName", eventName),
			optional("attributes", eventAttributes),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ThrottlingException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.PendingVerification,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "TagResource",
		Method: http.MethodPost, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK, Rate: 10,
		Input: structure(
			in(shape.Path, required("resourceArn", resourceArn)),
			required("tags", tagMap),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ResourceNotFoundException, ivschat.InternalServerException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "UntagResource",
		Method: http.MethodDelete, Path: "/tags/{resourceArn:.+}", Status: http.StatusOK, Rate: 10,
		Input: structure(
			in(shape.Path, required("resourceArn", resourceArn)),
			in(shape.Query, required("tagKeys", tagKeyList)),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ResourceNotFoundException, ivschat.InternalServerException,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "UpdateLoggingConfiguration",
		Method: http.MethodPost, Path: "/UpdateLoggingConfiguration", Status: http.StatusOK, Rate: 3,
		Input: structure(
			required("identifier", loggingConfigurationIdentifier),
			optional("name", loggingConfigurationName),
			optional("destinationConfiguration", destinationConfiguration),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.ConflictException, ivschat.AccessDeniedException,
			ivschat.ResourceNotFoundException, ivschat.PendingVerification,
			ivschat.ValidationException,
		},
	},
	{
		Name:   "UpdateRoom",
		Method: http.MethodPost, Path: "/UpdateRoom", Status: http.StatusOK, Rate: 5,
		Input: structure(
			required("identifier", roomIdentifier),
			optional("name", roomName),
			optional("maximumMessageRatePerSecond", roomMaxMessageRatePerSecond),
			optional("maximumMessageLength", roomMaxMessageLength),
			optional("messageReviewHandler", messageReviewHandler),
			optional("loggingConfigurationIdentifiers", loggingConfigurationIdentifierList),
		),
		Errors: []ivschat.ExceptionType{
			ivschat.AccessDeniedException, ivschat.ResourceNotFoundException,
			ivschat.PendingVerification, ivschat.ValidationException,
		},
	},
}
