package control

import (
	"context"
	"time"

	"github.com/ivschat-local/ivschat-local/emulator/ivschat"
)

// LoggingConfigurations finds logging configurations.
type LoggingConfigurations interface {
	// LoggingConfiguration returns the logging configuration, or a ResourceNotFoundException.
	LoggingConfiguration(
		ctx context.Context, arn ivschat.ARN,
	) (ivschat.LoggingConfiguration, error)
	// ListLoggingConfigurations returns a page of those of the owner. The one that was updated last
	// comes first (decision D15). Next is the position of the last one, or nil if none follow.
	ListLoggingConfigurations(
		ctx context.Context, owner ivschat.Owner, page ivschat.Page,
	) (configurations []ivschat.LoggingConfiguration, next []byte, err error)
}

// A Lifecycle changes logging configurations. If one does not exist, the error is a ResourceNotFoundException.
// If fails is true, the change begins as usual and fails at its end.
type Lifecycle interface {
	// CreateLoggingConfiguration stores a new one, at its CreateTime. The error is a ServiceQuotaExceededException if
	// its owner already has quota of them, and ivschat.ErrIDTaken if its ID is in use.
	CreateLoggingConfiguration(
		ctx context.Context, configuration ivschat.LoggingConfiguration, quota int, fails bool,
	) error
	// UpdateLoggingConfiguration calls update with it and returns the result, as it is stored at the end. The error is
	// a ConflictException if its state does not allow an update.
	UpdateLoggingConfiguration(
		ctx context.Context, arn ivschat.ARN, now time.Time, fails bool, update func(*ivschat.LoggingConfiguration),
	) (ivschat.LoggingConfiguration, error)
	// DeleteLoggingConfiguration deletes it. The error is a ConflictException if a room refers to
	// it, or if its state does not allow a deletion.
	DeleteLoggingConfiguration(ctx context.Context, arn ivschat.ARN, now time.Time, fails bool) error
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
		State:                    ivschat.LoggingConfigurationActive, // in every reply (decision D72)
		Tags:                     request.Tags,
	}
	err := a.withNewID(&created.ARN, func() error {
		return a.Lifecycle.CreateLoggingConfiguration(ctx, created, a.LoggingConfigurationQuota, c.fails)
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
		setIfPresent(&configuration.Name, request.Name)
		if request.DestinationConfiguration != nil {
			configuration.DestinationConfiguration = request.DestinationConfiguration.destination()
		}
	}
	updated, err := a.Lifecycle.UpdateLoggingConfiguration(ctx, arn, c.now, c.fails, update)
	return toWireLoggingConfiguration(updated), err
}

func (a *API) deleteLoggingConfiguration(
	ctx context.Context, c call, request identifierRequest,
) (any, error) {
	arn, err := ownARN(c.owner(), request.Identifier)
	if err != nil {
		return nil, err
	}
	return nil, a.Lifecycle.DeleteLoggingConfiguration(ctx, arn, c.now, c.fails)
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
