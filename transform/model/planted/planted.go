// Package planted holds tests of the programme's tables on invented companies whose
// truth is known, because it was planted: who withdrew, what a pilot did, whether the
// market fell. It has no code of its own.
package planted
