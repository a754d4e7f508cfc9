// Package event is the slice of the events of a town: what takes place, when
// and where. An event federates as an ActivityStreams Event after FEP-8a8e
// with Mobilizon's terms.
package event
