// Package offer keeps what people offer who want to help, to whom they show it,
// and what the volunteer agency does with it; and it tells why an opportunity and
// an offer fit.
//
// No club reads of a person here who did not say yes to that club. It must not
// know any page, nor in which words people are told: what is to be said goes to
// Tell, in the transaction that is its cause.
package offer
