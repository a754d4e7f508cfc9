package proof

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// neighbours are small servers in Go, one follower each, on hosts h01.test and so on: as many as a test wants. They do not
// verify anything; they count what arrives.
type neighbours struct {
	*reader
	port string
	keys *rsa.PrivateKey // one for all, under an id of its own on each host

	mu       sync.Mutex
	arrivals []arrival
	arrived  func(arrival, *http.Request) // called before the answer, without the lock held; may hold the connection
}

// arrival is one POST to an inbox. It is answered unless the sender was gone before.
type arrival struct {
	host, id, kind, object string
	answered               bool
}

// settle starts the first n neighbours.
func settle(t *testing.T, n int, port string) *neighbours {
	t.Helper()
	world := connected(t)
	keys, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	v := &neighbours{reader: world.reader(""), port: port, keys: keys}
	server := &http.Server{
		Handler: v, ReadHeaderTimeout: patience, ErrorLog: log.New(io.Discard, "", 0),
		TLSConfig: &tls.Config{Certificates: []tls.Certificate{world.pair}},
	}
	var serving sync.WaitGroup
	for i := range n {
		l, err := net.Listen("tcp", net.JoinHostPort(world.addresses[village(i)], port))
		if err != nil {
			t.Fatal(err)
		}
		serving.Go(func() {
			if err := server.ServeTLS(l, "", ""); err != http.ErrServerClosed {
				t.Errorf("neighbour %s: %v", village(i), err)
			}
		})
	}
	t.Cleanup(func() {
		// Close breaks what is still held; there is nothing to drain.
		_ = server.Close()
		serving.Wait()
	})
	return v
}

func village(i int) string               { return fmt.Sprintf("h%02d.test", i+1) }
func (v *neighbours) actor(i int) string { return "https://" + v.host(i) + "/actor" }
func (v *neighbours) host(i int) string  { return net.JoinHostPort(village(i), v.port) }

// onArrival sets what happens at each arrival, before it is answered.
func (v *neighbours) onArrival(f func(arrival, *http.Request)) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.arrived = f
}

// ServeHTTP answers for the actor of the host that was asked for, and takes what comes to its inbox.
func (v *neighbours) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path == "/actor":
		w.Header().Set("Content-Type", activityJSON)
		if err := json.NewEncoder(w).Encode(v.document(r.Host)); err != nil {
			log.Print(err)
		}
	case r.URL.Path == "/inbox" && r.Method == http.MethodPost:
		v.receive(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (v *neighbours) document(host string) map[string]any {
	origin := "https://" + host
	der, err := x509.MarshalPKIXPublicKey(v.keys.Public())
	if err != nil {
		panic(err)
	}
	return map[string]any{
		"@context": []string{"https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"},
		"id":       origin + "/actor", "type": "Person", "preferredUsername": "follower", "inbox": origin + "/inbox",
		"outbox": origin + "/outbox", "followers": origin + "/followers",
		"publicKey": map[string]string{
			"id": origin + "/actor#main-key", "owner": origin + "/actor",
			"publicKeyPem": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})),
		},
	}
}

func (v *neighbours) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var sent struct {
		ID, Type string
		Object   json.RawMessage
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	a := arrival{host: r.Host, id: sent.ID, kind: sent.Type, object: objectID(sent.Object)}
	v.mu.Lock()
	place, arrived := len(v.arrivals), v.arrived
	v.arrivals = append(v.arrivals, a)
	v.mu.Unlock()
	if arrived != nil {
		arrived(a, r)
	}
	v.mu.Lock()
	v.arrivals[place].answered = r.Context().Err() == nil
	v.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

// objectID reads the id of an object that is either a string or embedded; "" when it is neither.
func objectID(raw json.RawMessage) string {
	var id string
	if json.Unmarshal(raw, &id) == nil {
		return id
	}
	var embedded struct{ ID string }
	if json.Unmarshal(raw, &embedded) != nil {
		return ""
	}
	return embedded.ID
}

// follow lets the follower on host i follow an actor.
func (v *neighbours) follow(t *testing.T, i int, actor, inbox string) {
	t.Helper()
	if err := v.sendFollow(i, actor, inbox, v.actor(i)+"#main-key"); err != nil {
		t.Fatal(err)
	}
}

// sendFollow sends the Follow of host i, signed with a key.
func (v *neighbours) sendFollow(i int, actor, inbox, keyID string) error {
	body, err := json.Marshal(map[string]any{
		"@context": "https://www.w3.org/ns/activitystreams", "id": fmt.Sprintf("https://%s/follows/%d", v.host(i), time.Now().UnixNano()),
		"type": "Follow", "actor": v.actor(i), "object": actor,
	})
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, inbox, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if err := v.sign(request, keyID, body); err != nil {
		return err
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("the Follow from %s is answered %d %s", v.host(i), answer.StatusCode, said)
	}
	return err
}

// sign signs as draft-cavage says, written out here so that the proof does not rest on the code it proves.
func (v *neighbours) sign(r *http.Request, keyID string, body []byte) error {
	digest := sha256.Sum256(body)
	r.Header.Set("Content-Type", activityJSON)
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	r.Header.Set("Digest", "SHA-256="+base64.StdEncoding.EncodeToString(digest[:]))
	text := strings.Join([]string{
		"(request-target): post " + r.URL.RequestURI(), "host: " + r.URL.Host, "date: " + r.Header.Get("Date"),
		"digest: " + r.Header.Get("Digest"), "content-type: " + activityJSON,
	}, "\n")
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, v.keys, crypto.SHA256, sum[:])
	if err != nil {
		return err
	}
	r.Header.Set("Signature", fmt.Sprintf(`keyId="%s",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="%s"`,
		keyID, base64.StdEncoding.EncodeToString(signature)))
	return nil
}

// reached counts on how many hosts an activity of a kind about an object has arrived and been answered, and how often it
// arrived again where it had arrived before. An empty object means any.
func (v *neighbours) reached(kind, object string) (hosts, doubles int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	seen := map[string]bool{}
	for _, a := range v.arrivals {
		if a.kind != kind || object != "" && a.object != object {
			continue
		}
		if answered, before := seen[a.host]; before {
			doubles++
			seen[a.host] = answered || a.answered
		} else {
			seen[a.host] = a.answered
		}
	}
	for _, answered := range seen {
		if answered {
			hosts++
		}
	}
	return hosts, doubles
}

// allFollow lets the first n neighbours follow an actor and waits until each has been accepted.
func (v *neighbours) allFollow(t *testing.T, n int, actor, inbox string) {
	t.Helper()
	for i := range n {
		v.follow(t, i, actor, inbox)
	}
	until(t, patience, fmt.Sprintf("%d followers are accepted", n), func() (int, string) {
		hosts, _ := v.reached("Accept", "")
		if hosts < n {
			return hosts, fmt.Sprintf("%d are", hosts)
		}
		return hosts, ""
	})
}
