// Package federation is how servers talk: ActivityPub between servers as a set
// of small libraries that know nothing of what they carry. It has no code of
// its own; this page explains how its parts fit.
//
// # What there is
//
//   - activitystreams: activities, objects, actors and collections as plain
//     structs. What leaves is written in one strict profile, what comes in is
//     guarded and read tolerantly.
//   - signature: signs requests and proves who signed one, by draft-cavage and
//     RFC 9421. It asks a Directory for keys.
//   - transport: the only way out. Every request passes one guard that looks at
//     the address a connection really reaches.
//   - inbox: takes what others deliver. A Queue keeps it safe before the sender
//     is told so; a Mux is the table of what is done with it.
//   - outbox: delivers, one lane for each host. A Store keeps lanes and
//     deliveries.
//   - webfinger, nodeinfo: who and what is here.
//
// # The path in
//
// A POST reaches inbox.Handler. It limits the body, refuses hosts that are kept
// out, has the signature verified (the key comes from the Directory, which
// fetches it once through transport), reads the activity, and insists that its
// actor is who signed and that its id is on that actor's server. Then
// Queue.Receive returns when it is on disk, and the sender gets 202. Later, in
// an order and a transaction that the application chooses, Mux.Ready fetches
// what is missing and Mux.Dispatch calls the one function for this kind of
// activity. Whether the sender may do what it says is for the application to
// decide, by what it has stored; nothing in a document proves a right.
//
// # The path out
//
// The application stores an activity's bytes together with one delivery for
// each inbox and wakes the lanes of their hosts, in the transaction of the deed
// itself. outbox.Dispatcher claims due lanes for a while, with each attempt and
// its next time committed before it sends, signs when the connection stands,
// and writes results many at a time. A host that is silent sleeps. Killed at any moment it has lost nothing: what
// was in flight goes out once more, and receivers know it by its id.
//
// # What the application supplies
//
// A signature.Directory (keys of others), outbox.Signers (keys of ours), an
// inbox.Queue and an outbox.Store (two tables), the functions of the Mux, and
// the documents that others read.
package federation
