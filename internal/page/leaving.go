package page

import "codeberg.org/aushang/aushang/internal/account"

// Leaving says what becomes of everything when somebody leaves ("page/leaving").
type Leaving struct {
	Clubs []account.Left
}
