// Package incremental is what connectors do alike when they read a CRM again and
// again: what a pass has to tell people, and the vocabulary of its settings.
package incremental

import (
	"fmt"
	"slices"
	"sync"
)

// A WarningList is what a person should know and nothing has to stop for. Embedding them
// makes a source a connectors.Warner. They are safe for concurrent use.
type WarningList struct {
	mu  sync.Mutex
	all []string
}

// Warn adds a warning, once however often it is given.
func (w *WarningList) Warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.all, text) {
		w.all = append(w.all, text)
	}
}

// Warnings are all that were given since the account was opened.
func (w *WarningList) Warnings() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.all)
}
