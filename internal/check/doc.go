// Package check looks at a town as its operator would have to: configuration,
// database, disk, clock, files that hold secrets, and the public address as a
// stranger asks for it. It changes nothing and asks nobody but the town itself.
//
// It must not know what any table means: what the town is called is handed in.
package check
