package hubspot

import (
	"context"
	"slices"
)

// stillVisible refuses a reply from which a property has vanished that was in the
// portal's catalogue when the reading began: of a property that is hidden meanwhile
// HubSpot says nothing, where it gives null for an empty one. The catalogue is asked
// before anything is refused, once for each property: not everybody who speaks
// HubSpot's protocol sends what is empty.
func (r *reading) stillVisible(ctx context.Context) error {
	lost := without(r.rows.lost(), r.vouched)
	if len(lost) == 0 {
		return nil
	}
	known, err := r.catalogue(ctx, r.object)
	if err != nil {
		return err
	}
	if _, err := r.object.stream(known); err != nil {
		return err
	}
	r.vouched = append(r.vouched, lost...)
	return nil
}

// lost are the properties that were asked for and that no record of the last reply
// has, not even empty.
func (r *rows) lost() []string {
	if r.splits != nil || len(r.seen) == 0 {
		return nil
	}
	return slices.DeleteFunc(r.object.properties(), func(name string) bool {
		to, ok := r.columns[name]
		return !ok || r.came[to.column]
	})
}
