// Package ivschat is the vocabulary: Amazon IVS Chat's own words as plain Go
// types, with the rules that need nothing but the value itself.
//
// It imports nothing of the house and knows no wire format. Sources named in
// its comments are the Amazon IVS Chat API Reference ("API"), the user guide
// ("UG") and the service's public model ("model").
package ivschat
