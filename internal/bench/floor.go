package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"codeberg.org/aushang/aushang/federation/federationtest"
	"codeberg.org/aushang/aushang/federation/signature"
)

// floorID is the actor in whose name the floor delivers.
const floorID = "https://floor.test/actor"

// floor is the floor program, a process of its own.
type floor struct {
	*process
	world   *federationtest.Fediverse
	address string
	keys    federationtest.Keys
	round   int
}

func newFloor(world *federationtest.Fediverse, dir string) (*floor, error) {
	f := &floor{world: world, keys: federationtest.Keys{}}
	program := filepath.Join(dir, "floor")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./internal/bench/floor")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build floor: %w\n%s", err, said)
	}
	private, err := signature.NewKey()
	if err != nil {
		return nil, err
	}
	text, err := signature.EncodePrivate(private)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "floor.pem"), []byte(text), 0o600); err != nil {
		return nil, err
	}
	f.keys[floorID+"#main-key"] = signature.Key{ID: floorID + "#main-key", Owner: floorID, Public: private.Public()}
	all, err := authors(world)
	if err != nil {
		return nil, err
	}
	public := map[string]string{}
	for _, a := range all {
		public[a.id+"#main-key"] = a.host.PublicKey()
	}
	list, err := json.Marshal(public)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), list, 0o600); err != nil {
		return nil, err
	}
	return f, f.serve(program, dir)
}

func (f *floor) serve(program, dir string) error {
	var err error
	if f.address, err = freeAddress(); err != nil {
		return err
	}
	f.process, err = start(program, os.Environ(), os.Stderr, "-listen", f.address, "-database", filepath.Join(dir, "floor.db"),
		"-keys", filepath.Join(dir, "keys.json"), "-private", filepath.Join(dir, "floor.pem"), "-roots", f.world.Authority,
		"-id", floorID, "-world", net.JoinHostPort(f.world.Address(), f.world.Port))
	if err != nil {
		return err
	}
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", f.address); err == nil {
			return c.Close()
		}
	}
	return fmt.Errorf("the floor does not get ready")
}

// fanOut lets the floor send one activity to inboxes.
func (f *floor) fanOut(inboxes []string) error {
	f.round++
	body := fmt.Sprintf(`{"@context":"https://www.w3.org/ns/activitystreams","id":"%[1]s/activities/%[2]d","type":"Create","actor":"%[1]s","object":{"id":"%[1]s/notes/%[2]d","type":"Note",`+
		`"attributedTo":"%[1]s","content":"%[3]s"}}`, floorID, f.round, bytes.Repeat([]byte("Aushang "), 120))
	order, err := json.Marshal(map[string]any{"Body": body, "Inboxes": inboxes})
	if err != nil {
		return err
	}
	res, err := http.Post("http://"+f.address+"/fanout", "application/json", bytes.NewReader(order))
	if err != nil {
		return err
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusAccepted {
		return fmt.Errorf("floor: status %d", res.StatusCode)
	}
	return nil
}
