package incremental

import "slices"

// A Listing says which streams' ids are to be listed at their next reading, however long
// ago that was done last. Embedding it makes a source a connectors.IDLister.
type Listing struct{ due map[string]bool }

// ListIDs has all ids of a stream listed. It is for the time before anything is read.
func (r *Listing) ListIDs(stream string) {
	if r.due == nil {
		r.due = map[string]bool{}
	}
	r.due[stream] = true
}

// IsDue tells whether a stream's ids are to be listed.
func (r *Listing) IsDue(stream string) bool { return r.due[stream] }

// A Choice is which streams will be read. Embedding it makes a source a
// connectors.Chooser.
type Choice struct{ only, without []string }

// Choose tells which streams will be read. It is for the time before they are listed.
func (c *Choice) Choose(only, without []string) { c.only, c.without = only, without }

// Needs tells whether a stream has to be looked at: it is read, or one of those that tell
// about all streams is.
func (c *Choice) Needs(stream string, aboutAll ...string) bool {
	isAbout := func(name string) bool { return slices.Contains(c.only, name) }
	return !slices.Contains(c.without, stream) && (len(c.only) == 0 || isAbout(stream) || slices.ContainsFunc(aboutAll, isAbout))
}
