package control

import (
	"context"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// LoggingConfigurations stores logging configurations. If one does not exist, the error is a
// ResourceNotFoundException.
type LoggingConfigurations interface {
	// CreateLoggingConfiguration stores a new one. The error is a ServiceQuotaExceededException if
	// its owner already has quota of them, and ivschat.ErrIDTaken if its ID is in use.
	CreateLoggingConfiguration(
		ctx context.Context, configuration ivschat.LoggingConfiguration, quota int,
	) error
	// LoggingConfiguration returns the logging configuration.
	LoggingConfiguration(
		ctx context.Context, arn ivschat.ARN,
	) (ivschat.LoggingConfiguration, error)
	// UpdateLoggingConfiguration calls update with it, stores the result and returns it.
	UpdateLoggingConfiguration(
		ctx context.Context, arn ivschat.ARN, update func(*ivschat.LoggingConfiguration),
	) (ivschat.LoggingConfiguration, error)
	// DeleteLoggingConfiguration deletes it. The error is a ConflictException if a room refers to
	// it.
	DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN) error
	// ListLoggingConfigurations returns a page of those of the owner. The one that was updated last
	// comes first (decision D15). Next is the position of the last one, or nil if none follow.
	ListLoggingConfigurations(
		ctx context.Context, owner ivschat.Owner, page ivschat.Page,
	) (configurations []ivschat.LoggingConfiguration, next []byte, err error)
}

type createLoggingConfigurationRequest struct {
	Name                     string                       `json:"name"`
	DestinationConfiguration wireDestinationConfiguration `json:"destinationConfiguration"`
	Tags                     ivschat.Tags                 `json:"tags"`
}

func (a *API) createLoggingConfiguration(
	ctx context.Context, c call, request createLoggingConfigurationRequest,
) (wireLoggingConfiguration, error) {
	created := ivschat.LoggingConfiguration{
		ARN: ivschat.ARN{
			Owner: c.owner(), ResourceType: ivschat.LoggingConfigurationResource,
		},
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
	return toWireLoggingConfiguration(created), err
}

func (a *API) getLoggingConfiguration(
	ctx context.Context, c call, request identifierRequest,
) (wireLoggingConfiguration, error) {
	configuration, err := a.loggingConfiguration(ctx, c.owner(), request.Identifier)
	return toWireLoggingConfiguration(configuration), err
}

// loggingConfiguration returns a logging configuration of the caller.
func (a *API) loggingConfiguration(
	ctx context.Context, caller ivschat.Owner, identifier string,
) (ivschat.LoggingConfiguration, error) {
	arn, err := ownARN(caller, identifier)
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

func (a *API) updateLoggingConfiguration(
	ctx context.Context, c call, request updateLoggingConfigurationRequest,
) (wireLoggingConfiguration, error) {
	arn, err := ownARN(c.owner(), request.Identifier)
	if err != nil {
		return wireLoggingConfiguration{}, err
	}
	update := func(configuration *ivschat.LoggingConfiguration) {
		configuration.UpdateTime = c.now
		setIfPresent(&configuration.Name, request.Name)
		if request.DestinationConfiguration != nil {
			configuration.DestinationConfiguration = request.DestinationConfiguration.destination()
		}
	}
	updated, err := a.LoggingConfigurations.UpdateLoggingConfiguration(ctx, arn, update)
	return toWireLoggingConfiguration(updated), err
}

func (a *API) deleteLoggingConfiguration(
	ctx context.Context, c call, request identifierRequest,
) (any, error) {
	arn, err := ownARN(c.owner(), request.Identifier)
	if err != nil {
		return nil, err
	}
	return nil, a.LoggingConfigurations.DeleteLoggingConfiguration(ctx, arn)
}

type listLoggingConfigurationsRequest struct {
	NextToken  string `json:"nextToken"`
	MaxResults int    `json:"maxResults"`
}

type listLoggingConfigurationsResponse struct {
	LoggingConfigurations []wireLoggingConfiguration `json:"loggingConfigurations"`
	NextToken             string                     `json:"nextToken,omitempty"`
}

func (a *API) listLoggingConfigurations(
	ctx context.Context, c call, request listLoggingConfigurationsRequest,
) (listLoggingConfigurationsResponse, error) {
	response := listLoggingConfigurationsResponse{LoggingConfigurations: []wireLoggingConfiguration{}}
	list := listName("ListLoggingConfigurations", c.owner())
	page, err := a.page(ctx, list, request.NextToken, request.MaxResults)
	if err != nil {
		return response, err
	}
	configurations, next, err := a.LoggingConfigurations.ListLoggingConfigurations(ctx, c.owner(), page)
	if err != nil {
		return response, err
	}
	for _, configuration := range configurations {
		response.LoggingConfigurations = append(
			response.LoggingConfigurations, toWireLoggingConfiguration(configuration))
	}
	response.NextToken, err = a.nextToken(ctx, list, next)
	return response, err
}
