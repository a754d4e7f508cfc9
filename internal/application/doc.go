// Package application keeps who wants to help with an opportunity: what becomes
// of each application, who takes which place of which shift, and who waits.
//
// It counts places under one lock for each opportunity, so that no way in can
// take one twice. It must not know any page, nor in which words people are told:
// what is to be said goes to Tell, in the transaction that is its cause.
package application
