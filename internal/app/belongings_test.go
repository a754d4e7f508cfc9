package app

import (
	"testing"

	"codeberg.org/aushang/aushang/internal/account"
)

// nobodysRows are tables whose rows belong to one of a person and say nothing of
// him or her, with the reason.
var nobodysRows = map[string]string{
	"saved_search_hits": "which public things were told already",
	"helper_receipts":   "of people of other towns, which have the same bytes",
	"direct_notes":      "of people elsewhere, as the traces of actors say",
}

// TestRowsOfRowsArePersonal: what has no column that points to a person belongs to somebody all the same when its row hangs on a row of a person: it is in
// a file of the download. A new table without an answer fails: enter it in belongings (person.go).
func TestRowsOfRowsArePersonal(t *testing.T) {
	v := bare(t, migrated.SQLite(t))
	known, files := map[string]bool{}, map[string]bool{}
	for _, tr := range v.Accounts.Traces() {
		known[tr.Table] = known[tr.Table] || tr.Fate == account.Erased
	}
	for _, part := range v.data().Parts {
		files[part.Name] = true
	}
	rows, err := v.db.Pool().QueryContext(t.Context(), `SELECT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		var child, parent string
		if err := rows.Scan(&child, &parent); err != nil {
			t.Fatal(err)
		}
		if known[parent] && !known[child] && !files[belongings[child]] && nobodysRows[child] == "" {
			t.Errorf("rows of %s hang on those of %s, which are of people: enter it in belongings (person.go), or here with the reason why it says nothing of them", child, parent)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}
