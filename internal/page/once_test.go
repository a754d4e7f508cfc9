package page

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
)

// TestOnce: what is found is found once in a request, what failed is tried again, and another request asks anew.
func TestOnce(t *testing.T) {
	asked := 0
	find := func() (int, error) {
		if asked++; asked == 1 {
			return 0, errors.New("not yet")
		}
		return asked, nil
	}
	one := httptest.NewRequest("GET", "/", nil)
	one = one.WithContext(context.WithValue(one.Context(), personKey{}, new(seen)))
	for i, want := range []int{0, 2, 2, 2} {
		if got, err := Once(one, "n", find); got != want || (err != nil) != (i == 0) {
			t.Errorf("%d: %d, %v", i, got, err)
		}
	}
	if got, _ := Once(one, "m", find); got != 3 {
		t.Errorf("another thing: %d", got)
	}
	for want := 4; want < 6; want++ {
		if got, _ := Once(httptest.NewRequest("GET", "/", nil), "n", find); got != want {
			t.Errorf("without a session: %d", got)
		}
	}
}
