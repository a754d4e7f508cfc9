// Command floor does only what no server can avoid, as the yardstick of
// make bench: verify, parse and commit in groups; sign and send; answer with
// bytes that lie ready. It is measured as a process of its own, in the same run
// and with the same tool as the real program.
package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"net/http"
	"os"
)

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "", "answer at this `address`")
	flag.StringVar(&o.database, "database", "", "write to this `file`")
	flag.StringVar(&o.keys, "keys", "", "`file` with the public keys of all authors, by key id")
	flag.StringVar(&o.private, "private", "", "`file` with the key that signs")
	flag.StringVar(&o.id, "id", "", "`id` of the actor who delivers")
	flag.StringVar(&o.world, "world", "", "`address` of all other servers: no names to look up")
	flag.StringVar(&o.roots, "roots", "", "`file` with the authority that is trusted")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

type options struct {
	listen, database, keys, private, id, world, roots string
}

func run(o options) error {
	keys, err := readKeys(o.keys)
	if err != nil {
		return err
	}
	q, err := openQueue(o.database)
	if err != nil {
		return err
	}
	go q.run()
	s, err := newSender(o)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /static", static)
	mux.HandleFunc("GET /signed", keys.signed)
	mux.Handle("POST /ap/inbox", &inbox{keys, q, s})
	mux.HandleFunc("POST /fanout", s.fanOut)
	return http.ListenAndServe(o.listen, mux) //nolint:gosec // asked by the bench alone
}

// directory holds parsed public keys by id.
type directory map[string]*rsa.PublicKey

func readKeys(file string) (directory, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var pems map[string]string
	if err := json.Unmarshal(text, &pems); err != nil {
		return nil, err
	}
	keys := directory{}
	for id, text := range pems {
		block, _ := pem.Decode([]byte(text))
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		keys[id] = key.(*rsa.PublicKey) //nolint:forcetypeassert // the bench makes RSA keys
	}
	return keys, nil
}

// document is as long as an actor's.
var document = make([]byte, 1400)

func static(w http.ResponseWriter, _ *http.Request) {
	w.Header()["Content-Type"] = []string{"application/activity+json"}
	_, _ = w.Write(document)
}

func (d directory) signed(w http.ResponseWriter, r *http.Request) {
	if !d.verify(r) {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	static(w, r)
}
