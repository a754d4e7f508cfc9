package account

import "time"

// QuestionLife is how long a browser may take to answer.
const QuestionLife = questionLife

// Later turns the clock.
func (s *Accounts) Later(d time.Duration) {
	before := s.now
	s.now = func() time.Time { return before().Add(d) }
}
