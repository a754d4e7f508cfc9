package inbox

import (
	"context"
	"errors"
	"sort"

	as "codeberg.org/aushang/aushang/federation/activitystreams"
)

// ErrUnhandled says that nothing is done with an activity.
var ErrUnhandled = errors.New("nothing is done with this activity")

// Receive applies an activity in a transaction of type T.
type Receive[T any] func(ctx context.Context, tx T, a *as.Activity) error

// Prepare gets from other servers what an activity needs before it can be
// applied, and may put it into a. It runs outside of any transaction.
type Prepare func(ctx context.Context, a *as.Activity) error

// pair is an activity's type with the type of its object, "" for any.
type pair struct{ activity, object string }

// Mux is the table of what is done with received activities. The zero Mux is
// empty and ready. Fill it before it is used.
type Mux[T any] struct {
	receive map[pair]Receive[T]
	prepare map[string]Prepare
}

// Handle lets f do what activities of this type say about objects of this
// type; "" stands for every type that has no function of its own. It panics
// when the place is taken.
func (m *Mux[T]) Handle(activity, object string, f Receive[T]) {
	if m.receive == nil {
		m.receive = map[pair]Receive[T]{}
	}
	if _, taken := m.receive[pair{activity, object}]; taken {
		panic("inbox: two functions for " + activity + " of " + object)
	}
	m.receive[pair{activity, object}] = f
}

// Prepare lets f prepare activities of this type.
func (m *Mux[T]) Prepare(activity string, f Prepare) {
	if m.prepare == nil {
		m.prepare = map[string]Prepare{}
	}
	m.prepare[activity] = f
}

// Ready prepares a, if its type needs it.
func (m *Mux[T]) Ready(ctx context.Context, a *as.Activity) error {
	if f, ok := m.prepare[a.Type]; ok {
		return f(ctx, a)
	}
	return nil
}

// Dispatch hands a to the function for its type and its object's, or else to
// that for its type alone. Without one it gives ErrUnhandled.
func (m *Mux[T]) Dispatch(ctx context.Context, tx T, a *as.Activity) error {
	for _, p := range []pair{{a.Type, a.Object.Type()}, {a.Type, ""}} {
		if f, ok := m.receive[p]; ok {
			return f(ctx, tx, a)
		}
	}
	return ErrUnhandled
}

// List gives every "Activity" or "Activity Object" that is handled, in order.
func (m *Mux[T]) List() []string {
	var list []string
	for p := range m.receive {
		name := p.activity
		if p.object != "" {
			name += " " + p.object
		}
		list = append(list, name)
	}
	sort.Strings(list)
	return list
}
