package salesforce

import (
	"fmt"
	"slices"
	"sync"
)

// remarks are what a person should know and nothing has to stop for.
type remarks struct {
	mu  sync.Mutex
	all []string
}

func (r *remarks) remark(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.all, text) {
		r.all = append(r.all, text)
	}
}

// Remarks are what was noticed since the account was opened.
func (r *remarks) Remarks() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}
