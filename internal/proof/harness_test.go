package proof

import (
	"strings"
	"testing"
)

// TestTheOtherServersAreReal lets the servers of the proof talk to each other, so that a proof that holds is none of a
// harness that nods: Fedify verifies what it is sent, refuses what is signed wrongly and signs as it was told.
func TestTheOtherServersAreReal(t *testing.T) {
	for _, knock := range []string{rfc9421, cavage} {
		t.Run(knock, func(t *testing.T) {
			port := connected(t).freePort(t)
			v := settle(t, 2, port)
			lena := moveIn(t, port, knock)
			if got := lena.lookup(t, v.actor(0)); got.PreferredUsername != "follower" || got.PublicKey == "" {
				t.Errorf("Fedify reads the neighbour as %+v", got)
			}
			v.allFollow(t, 2, lena.actor, "https://"+lena.host+"/inbox")
			lena.receives(t, "Follow", lena.actor)
			note := lena.do(t, "post", values{"text": "Hallo"})
			if hosts, doubles := v.reached("Create", note); hosts != 2 || doubles != 0 {
				t.Errorf("the post reached %d hosts, %d of them twice, want 2 and 0", hosts, doubles)
			}
			for _, e := range lena.wire(t) {
				if e.Direction == "out" && e.Method == "POST" && (e.Headers["signature-input"] != "") != (knock == rfc9421) {
					t.Errorf("POST %s is signed as %v", e.URL, e.Headers)
				}
			}
			err := v.sendFollow(0, lena.actor, "https://"+lena.host+"/inbox", "https://"+v.host(1)+"/actor#main-key")
			if err == nil || !strings.Contains(err.Error(), "401") {
				t.Errorf("Fedify took a Follow that was signed with somebody else's key: %v", err)
			}
		})
	}
}
