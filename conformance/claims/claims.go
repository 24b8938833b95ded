// Package claims has the claims about Amazon IVS Chat, each with its source and its check.
//
// A file is named for the subject of its claims. The claims that follow from the service's
// model row by row are in bound.go, constraint.go and rate.go. call.go and model.go are what
// many checks share. deviations.go has the reasons of claims that were decided here, and of
// those that the emulator knowingly does not meet.
package claims

import (
	"slices"
	"strings"

	"github.com/ivschat-local/ivschat-local/conformance"
)

// All returns every claim, sorted by ID.
func All() []conformance.Claim {
	all := slices.Concat(
		// The control plane.
		replyClaims, exceptionClaims, requestClaims, callerClaims, signatureClaims, permissionClaims, rateClaims(),
		roomClaims, roomUpdateClaims, reviewHandlerClaims, roomLoggingClaims,
		listClaims, pageClaims, tokenClaims,
		loggingClaims, loggingUpdateClaims, loggingReadClaims, loggingStateClaims, tagClaims, eventClaims,
		boundClaims(), constraintClaims(),
		// Messaging.
		handshakeClaims, hostClaims, refusalClaims, tokenUseClaims,
		actionClaims, capabilityClaims, malformedFrameClaims, lengthClaims,
		frameClaims, messageFrameClaims, eventFrameClaims, errorFrameClaims,
		deliveryClaims, disconnectClaims, connectionClaims,
		limitClaims, roomRateClaims, sessionClaims,
		reviewClaims, reviewEventClaims, reviewAnswerClaims, reviewFallbackClaims(), reviewOrderClaims,
		chatLogRecordClaims, chatLogRoomClaims, chatLogDeliveryClaims, chatLogArrivalClaims,
	)
	for i := range all {
		all[i].Reason = reasons[all[i].ID]
		all[i].Switch = switches[all[i].Reason]
	}
	slices.SortFunc(all, func(a, b conformance.Claim) int { return strings.Compare(a.ID, b.ID) })
	return all
}
