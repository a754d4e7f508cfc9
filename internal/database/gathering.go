package database

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"
)

// A Gathering takes names while a Write runs, and deals with all of them once,
// in their order, just before it commits. Two transactions that touch the same
// rows in different orders would deadlock on PostgreSQL.
type Gathering struct {
	do func(ctx context.Context, tx bun.Tx, names []string) error
}

// NewGathering gives one that deals with names, each of them once, by do.
func NewGathering(do func(ctx context.Context, tx bun.Tx, names []string) error) *Gathering {
	return &Gathering{do: do}
}

// gathered is a name that waits for the end of a Write.
type gathered struct {
	by   *Gathering
	name string
}

// Add leaves names to the end of the Write that ctx belongs to. What is added
// in a Savepoint that fails is forgotten with it.
func (g *Gathering) Add(ctx context.Context, names ...string) error {
	w, ok := ctx.Value(writingKey{}).(*writing)
	if !ok {
		return errors.New("gather names outside a write")
	}
	for _, name := range names {
		w.gathered = append(w.gathered, gathered{g, name})
	}
	return nil
}

// dealWithGathered lets each Gathering deal with its names, in the order in
// which they were used first.
func (w *writing) dealWithGathered(ctx context.Context, tx bun.Tx) error {
	var order []*Gathering
	names := map[*Gathering][]string{}
	for _, one := range w.gathered {
		if names[one.by] == nil {
			order = append(order, one.by)
		}
		names[one.by] = append(names[one.by], one.name)
	}
	for _, g := range order {
		list := names[g]
		slices.Sort(list)
		if err := g.do(ctx, tx, slices.Compact(list)); err != nil {
			return err
		}
	}
	return nil
}
