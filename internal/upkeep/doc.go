// Package upkeep is the surface of what keeps the town's entries true: letters
// that ask editors whether all still holds, the page where one click answers,
// the form by which readers say what has changed, and the list of the town hall.
//
// It must not know any single kind; how they are called is handed in.
package upkeep
