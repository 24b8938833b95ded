package control

import (
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// LoggingConfigurations keeps logging configurations. Not found means the
// same as in Rooms.
type LoggingConfigurations interface {
	// CreateLoggingConfiguration keeps a new one unless its owner has quota
	// of them already (ServiceQuotaExceededException).
	CreateLoggingConfiguration(ctx context.Context, configuration ivschat.LoggingConfiguration, quota int) error
	// LoggingConfiguration gives it, or not found.
	LoggingConfiguration(ctx context.Context, arn ivschat.ARN) (ivschat.LoggingConfiguration, error)
	// UpdateLoggingConfiguration lets change work on it and keeps what it
	// made of it, or not found.
	UpdateLoggingConfiguration(ctx context.Context, arn ivschat.ARN, change func(*ivschat.LoggingConfiguration)) (ivschat.LoggingConfiguration, error)
	// DeleteLoggingConfiguration forgets it, or not found. While a room
	// refers to it that is a ConflictException.
	DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN) error
	// ListLoggingConfigurations lists the owner's, the one updated last first
	// (decision D15), and gives the position of the last one if more follow.
	ListLoggingConfigurations(ctx context.Context, owner ivschat.Owner, page ivschat.Page) (configurations []ivschat.LoggingConfiguration, next []byte, err error)
}

type createLoggingConfigurationRequest struct {
	Name                     string                       `json:"name"`
	DestinationConfiguration wireDestinationConfiguration `json:"destinationConfiguration"`
	Tags                     ivschat.Tags                 `json:"tags"`
}

func (a *API) createLoggingConfiguration(ctx context.Context, c call, request createLoggingConfigurationRequest) (loggingConfiguration, error) {
	created := ivschat.LoggingConfiguration{
		ARN:                      ivschat.ARN{Owner: c.owner(), ResourceType: ivschat.LoggingConfigurationResource},
		Name:                     request.Name,
		CreateTime:               c.now,
		UpdateTime:               c.now,
		DestinationConfiguration: request.DestinationConfiguration.destination(),
		State:                    ivschat.LoggingConfigurationActive,
		Tags:                     request.Tags,
	}
	err := a.withNewID(&created.ARN, func() error {
		return a.LoggingConfigurations.CreateLoggingConfiguration(ctx, created, a.LoggingConfigurationQuota)
	})
	return loggingConfigurationReply(created), err
}

func (a *API) getLoggingConfiguration(ctx context.Context, c call, request identifierRequest) (loggingConfiguration, error) {
	found, err := a.loggingConfiguration(ctx, c.owner(), request.Identifier)
	return loggingConfigurationReply(found), err
}

// loggingConfiguration gives one of the caller's.
func (a *API) loggingConfiguration(ctx context.Context, caller ivschat.Owner, identifier string) (ivschat.LoggingConfiguration, error) {
	arn, err := owned(caller, identifier)
	if err != nil {
		return ivschat.LoggingConfiguration{}, err
	}
	return a.LoggingConfigurations.LoggingConfiguration(ctx, arn)
}

type updateLoggingConfigurationRequest struct {
	Identifier               string                        `json:"identifier"`
	Name                     *string                       `json:"name"`
	DestinationConfiguration *wireDestinationConfiguration `json:"destinationConfiguration"`
}

func (a *API) updateLoggingConfiguration(ctx context.Context, c call, request updateLoggingConfigurationRequest) (loggingConfiguration, error) {
	arn, err := owned(c.owner(), request.Identifier)
	if err != nil {
		return loggingConfiguration{}, err
	}
	updated, err := a.LoggingConfigurations.UpdateLoggingConfiguration(ctx, arn, func(configuration *ivschat.LoggingConfiguration) {
		configuration.UpdateTime = c.now
		set(&configuration.Name, request.Name)
		if request.DestinationConfiguration != nil {
			configuration.DestinationConfiguration = request.DestinationConfiguration.destination()
		}
	})
	return loggingConfigurationReply(updated), err
}

func (a *API) deleteLoggingConfiguration(ctx context.Context, c call, request identifierRequest) (any, error) {
	arn, err := owned(c.owner(), request.Identifier)
	if err != nil {
		return nil, err
	}
	return nil, a.LoggingConfigurations.DeleteLoggingConfiguration(ctx, arn)
}

type listLoggingConfigurationsRequest struct {
	NextToken  string `json:"nextToken"`
	MaxResults int    `json:"maxResults"`
}

type listLoggingConfigurationsReply struct {
	LoggingConfigurations []loggingConfiguration `json:"loggingConfigurations"`
	NextToken             string                 `json:"nextToken,omitempty"`
}

func (a *API) listLoggingConfigurations(ctx context.Context, c call, request listLoggingConfigurationsRequest) (listLoggingConfigurationsReply, error) {
	reply := listLoggingConfigurationsReply{LoggingConfigurations: []loggingConfiguration{}}
	list := list("ListLoggingConfigurations", c.owner())
	page, err := a.page(ctx, list, request.NextToken, request.MaxResults)
	if err != nil {
		return reply, err
	}
	configurations, next, err := a.LoggingConfigurations.ListLoggingConfigurations(ctx, c.owner(), page)
	if err != nil {
		return reply, err
	}
	for _, configuration := range configurations {
		reply.LoggingConfigurations = append(reply.LoggingConfigurations, loggingConfigurationReply(configuration))
	}
	reply.NextToken, err = a.nextToken(ctx, list, next)
	return reply, err
}
