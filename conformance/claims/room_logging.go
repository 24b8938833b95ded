package claims

import (
	"github.com/aws/aws-sdk-go-v2/service/ivschat"

	"github.com/ivschat-local/ivschat-local/conformance"
)

var roomLoggingClaims = []conformance.Claim{
	{
		ID:       "C228",
		Sentence: "A room stores up to three logging configurations.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			want := []string{*p.Logging().Arn, *p.Logging().Arn, *p.Logging().Arn}
			room := p.CreateRoom(ivschat.CreateRoomInput{LoggingConfigurationIdentifiers: want})
			p.RequireEqual("loggingConfigurationIdentifiers",
				getRoom(p, *room.Arn).LoggingConfigurationIdentifiers, want)
		},
	},
	{
		ID:       "C229",
		Sentence: "UpdateRoom replaces the whole list of logging configurations.",
		Source:   chatLoggingPost,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			first, second := *p.Logging().Arn, *p.Logging().Arn
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{first},
			}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				LoggingConfigurationIdentifiers: []string{second},
			})
			p.RequireEqual("loggingConfigurationIdentifiers",
				getRoom(p, room).LoggingConfigurationIdentifiers, []string{second})
		},
	},
	{
		ID:       "C230",
		Sentence: "UpdateRoom with an empty list detaches all logging configurations.",
		Source:   terraformTests,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{*p.Logging().Arn},
			}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{
				LoggingConfigurationIdentifiers: []string{},
			})
			p.RequireEqual("logging configurations",
				len(getRoom(p, room).LoggingConfigurationIdentifiers), 0)
		},
	},
	{
		ID:       "C231",
		Sentence: "UpdateRoom without a list keeps the logging configurations.",
		Source:   serviceModel,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := *p.Logging().Arn
			room := *p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{logging},
			}).Arn
			updateRoom(p, room, ivschat.UpdateRoomInput{Name: p.Name("after")})
			p.RequireEqual("loggingConfigurationIdentifiers",
				getRoom(p, room).LoggingConfigurationIdentifiers, []string{logging})
		},
	},
	{
		ID: "C232",
		Sentence: "CreateRoom with a logging configuration that does not exist fails with " +
			"ResourceNotFoundException.",
		Source: conformance.Decided,
		Check: func(p *conformance.Probe) {
			notFound(p, p.SDK.CreateRoom, ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{p.MissingLogging()},
			})
		},
	},
	{
		ID:       "C233",
		Sentence: "A logging configuration that a request lists twice is attached once.",
		Source:   conformance.Decided,
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := *p.Logging().Arn
			room := p.CreateRoom(ivschat.CreateRoomInput{
				LoggingConfigurationIdentifiers: []string{logging, logging},
			})
			p.RequireEqual("loggingConfigurationIdentifiers",
				room.LoggingConfigurationIdentifiers, []string{logging})
		},
	},
	{
		ID:       "C240",
		Sentence: "Several rooms can share one logging configuration.",
		Source:   userGuide + "Chat Logging",
		Needs:    conformance.MadeUp,
		Check: func(p *conformance.Probe) {
			logging := []string{*p.Logging().Arn}
			for range 2 {
				room := p.CreateRoom(ivschat.CreateRoomInput{
					LoggingConfigurationIdentifiers: logging,
				})
				p.RequireEqual("loggingConfigurationIdentifiers",
					getRoom(p, *room.Arn).LoggingConfigurationIdentifiers, logging)
			}
		},
	},
}
