// Package federation is how servers talk: ActivityPub between servers as a set
// of small libraries that know nothing of what they carry, and one front door.
//
// # Through the front door
//
// Server joins the libraries for a program that keeps its few things itself.
// This is a whole one, a notice board that anybody in the Fediverse can look up
// and follow. Who follows gets an Accept and the notice:
//
//	package main
//
//	import (
//		"context"
//		"flag"
//		"log"
//		"net/http"
//		"time"
//
//		"codeberg.org/aushang/aushang/federation"
//		as "codeberg.org/aushang/aushang/federation/activitystreams"
//		"codeberg.org/aushang/aushang/federation/signature"
//		"codeberg.org/aushang/aushang/federation/transport"
//	)
//
//	func main() {
//		origin := flag.String("origin", "https://board.example", "where others find the board")
//		listen := flag.String("listen", ":443", "the address to listen on")
//		cert, key := flag.String("cert", "cert.pem", "the certificate"), flag.String("key", "key.pem", "its key")
//		allow := flag.String("allow", "", "a private network to speak to, for trials: PREFIX:PORT")
//		flag.Parse()
//
//		var out transport.Options // lets through nothing but https to public addresses
//		if *allow != "" {
//			network, err := transport.ParseAllowed(*allow)
//			check(err)
//			out.Allow = append(out.Allow, network)
//		}
//		server, err := federation.New(federation.Options{Origin: *origin, Client: transport.New(out)})
//		check(err)
//		private, err := signature.NewKey() // keep it: others remember it
//		check(err)
//		board, err := server.AddActor(as.Actor{ID: *origin + "/board", Type: "Service", PreferredUsername: "board", Name: "Notice board"}, private)
//		check(err)
//		notice := as.Object{
//			ID: *origin + "/notices/1", Type: "Note", AttributedTo: board.ID, Content: "<p>Choir practice is on Friday.</p>",
//			To: []string{as.Public}, Cc: []string{board.Followers}, Published: time.Now(),
//		}
//		server.Show(notice)
//
//		server.Handle(as.Follow, func(ctx context.Context, a *as.Activity) error {
//			if err := server.Send(ctx, board.ID, &as.Activity{Type: as.Accept, Object: as.Item{Activity: a}}, a.Actor); err != nil {
//				return err
//			}
//			return server.Send(ctx, board.ID, &as.Activity{Type: as.Create, To: notice.To, Cc: notice.Cc, Object: as.Item{Object: &notice}}, a.Actor)
//		})
//
//		go server.Run(context.Background())
//		check(http.ListenAndServeTLS(*listen, *cert, *key, server))
//	}
//
//	func check(err error) {
//		if err != nil {
//			log.Fatal(err)
//		}
//	}
//
// # What there is
//
//   - activitystreams: activities, objects, actors and collections as plain
//     structs. What leaves is written in one strict profile, what comes in is
//     guarded and read tolerantly.
//   - signature: signs requests and proves who signed one, by draft-cavage and
//     RFC 9421. It asks a Directory for keys.
//   - proof: proves who wrote a document, whoever delivers it (FEP-8b32).
//   - transport: the only way out. Every request passes one guard that looks at
//     the address a connection really reaches.
//   - inbox: takes what others deliver. A Queue keeps it safe before the sender
//     is told so; a Mux is the table of what is done with it.
//   - outbox: delivers, one lane for each host. A Store keeps lanes and
//     deliveries.
//   - webfinger, nodeinfo: who and what is here.
//   - federationtest: the rest of the Fediverse in a box, for tests.
//
// # The path in
//
// A POST reaches inbox.Handler. It limits and reads the body, refuses hosts that
// are kept out, has the signature verified (the key comes from the Directory,
// which fetches it once through transport), and insists that the activity's
// actor is who signed, or has proven it, and that its id is on that actor's
// server. Then Queue.Receive returns when it is on disk, and the sender gets
// 202. In an order and a transaction that the application chooses, Mux.Ready
// fetches what is missing, inbox.Authorise decides whether the sender may do
// what it says, and Mux.Dispatch calls the one function for this kind of
// activity. A right comes from whose the stored thing is and from the origin of
// ids; nothing in a document proves one.
//
// # The path out
//
// The application stores an activity's bytes together with one delivery for
// each inbox and wakes the lanes of their hosts, in the transaction of the deed
// itself. outbox.Dispatcher claims due lanes for a while, with each attempt and
// its next time committed before it sends, signs when the connection stands,
// and writes results many at a time. A host that is silent sleeps. Killed at any
// moment it has lost nothing: what was in flight goes out once more, and
// receivers know it by its id.
//
// # What an application supplies that must not forget
//
// A signature.Directory (keys of others), outbox.Signers (keys of ours), an
// inbox.Queue and an outbox.Store (two tables), the functions of the Mux, and
// the documents that others read.
package federation
