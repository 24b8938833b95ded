package ivschat

// Resources are rooms and logging configurations, each in the order in which they are listed for
// their account and region: the one that was updated last comes first.
type Resources struct {
	Rooms                 []Room
	LoggingConfigurations []LoggingConfiguration
}
