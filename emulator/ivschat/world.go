package ivschat

// A World is rooms and logging configurations, each in the order of their list
// for each account and region: the one updated last first.
type World struct {
	Rooms                 []Room
	LoggingConfigurations []LoggingConfiguration
}
