package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/fault"
)

// errNotAsked is of an object whose stream will not be read.
var errNotAsked = errors.New("the object is not asked for")

// errAbsent says that an org has no such object, or does not show it to us.
var errAbsent = errors.New("the object is not there")

// Streams lists the objects with their columns of today. Everything that the views
// need and this account can't read is named in one Fault. An object that this org may
// lack and does has its columns all the same, and no rows.
func (a *account) Streams(ctx context.Context) ([]connectors.Stream, error) {
	if err := a.speaks(ctx); err != nil {
		return nil, err
	}
	a.askLimits(ctx)
	asked := a.objects()
	replies, err := a.describeAll(ctx, asked)
	if err != nil {
		return nil, err
	}
	var streams []connectors.Stream
	var missing []error
	a.broken = map[string]error{}
	for i, o := range asked {
		isAbsent := errors.Is(replies[i].err, errAbsent)
		switch {
		case errors.Is(replies[i].err, errNotAsked):
			streams = append(streams, a.unasked(o))
			continue
		case replies[i].err != nil && !isAbsent: // it alone can't be read
			s := a.unasked(o)
			s.Unreadable = replies[i].err
			a.broken[o.name] = replies[i].err
			streams = append(streams, s)
			continue
		case isAbsent && !o.isSoft:
			missing = append(missing, replies[i].err)
			continue
		case isAbsent:
			if _, known := objectNamed(o.name); !known {
				a.Warn("%s can't be read: %v", o.name, errLacking())
				continue // nobody knows its columns
			}
			o.optional, o.keeps = o.keeps+" "+o.optional, ""
		}
		s, err := a.streamOf(o, replies[i].describe)
		if err != nil {
			missing = append(missing, err)
		}
		if isAbsent {
			s.Unreadable = errLacking()
		}
		streams = append(streams, s)
	}
	if err := errors.Join(missing...); err != nil {
		return nil, fault.Errorf(fault.You, "salesforce: %w", err)
	}
	a.shown.set(fieldsNow(streams, asked, replies))
	return append(streams, orgStream()), nil
}

// objects are those that are read by default, and those that merit.yml lists.
func (a *account) objects() []object {
	all := objects()
	var more []object
	for _, listed := range a.more {
		i := slices.IndexFunc(all, func(o object) bool { return strings.EqualFold(o.name, listed.name) })
		if i < 0 {
			more = append(more, listed)
			continue
		}
		all[i].isWhole, all[i].isSoft = true, listed.isSoft
	}
	return append(all, more...)
}

// A reply is an object's describe, or why there is none.
type reply struct {
	describe
	err error // errAbsent is in it
}

// describeAll asks for the describes of all objects, those that a composite call does
// not give one by one. Its error is one that concerns more than an object.
func (a *account) describeAll(ctx context.Context, all []object) ([]reply, error) {
	replies := make([]reply, len(all))
	var needed []object
	for i, o := range all {
		if a.Needs(o.name, orgName) {
			needed = append(needed, o)
		} else {
			replies[i].err = errNotAsked
		}
	}
	told := a.describeMany(ctx, needed)
	describes := pool.New().WithContext(ctx).WithMaxGoroutines(describesAtOnce).WithCancelOnError().WithFirstError()
	for i, o := range all {
		if r, isTold := told[o.name]; isTold {
			replies[i] = r
		}
		if replies[i].err != nil || replies[i].Name != "" {
			continue
		}
		describes.Go(func(ctx context.Context) error {
			d, err := a.describe(ctx, o)
			replies[i] = reply{d, err}
			if errors.Is(err, errAbsent) || o.isSoft && ctx.Err() == nil && !connectors.IsOfAccount(err) {
				return nil
			}
			return err
		})
	}
	return replies, describes.Wait()
}

// streamOf is an object's stream by its describe.
func (a *account) streamOf(o object, d describe) (connectors.Stream, error) {
	extra := a.extra[o.name]
	if _, known := objectNamed(o.name); o.isWhole && known {
		for _, f := range d.Fields {
			if _, err := arrowType(f); err == nil && !strings.EqualFold(f.Name, "IsDeleted") {
				extra = append(slices.Clone(extra), f.Name)
			}
		}
	} else if o.isWhole {
		var err error
		if o, err = o.asDescribed(d); err != nil {
			return connectors.Stream{}, err
		}
	}
	schema, err := schemaOf(o, d, extra)
	if err != nil {
		return connectors.Stream{}, err
	}
	return connectors.Stream{Name: o.name, Tables: o.tables(schema)}, nil
}

// tables are an object's own, and for rows that may vanish the table of all ids.
func (o object) tables(schema *arrow.Schema) []connectors.Table {
	tables := []connectors.Table{{Name: o.name, Key: []string{"Id"}, Schema: schema}}
	switch o.kind {
	case changing:
		tables[0].Version = o.cursor
		if o.isDated {
			tables[0].Key = []string{"Id", o.cursor}
		}
		return append(tables, idTable(o.name))
	case snapshot:
		tables[0].Key = []string{"Id", takenOn.Name}
	}
	return tables
}

// unasked is the stream of an object that nobody will read: with the columns that it has
// everywhere.
func (a *account) unasked(o object) connectors.Stream {
	if _, known := objectNamed(o.name); !known { // nobody knows its columns
		o.keeps, o.optional, o.isWhole = "Id", "", false
	}
	o.optional, o.keeps, o.isWhole = o.keeps+" "+o.optional, "", false
	s := connectors.Stream{Name: o.name}
	if schema, err := schemaOf(o, describe{}, nil); err == nil {
		s.Tables = o.tables(schema)
	}
	return s
}

// isAbsent tells whether a stream stands for an object that this org lacks.
func isAbsent(s connectors.Stream) bool { return len(selected(s.Tables[0])) == 0 }

// errLacking says of an object why there is nothing of it.
func errLacking() error {
	return fault.Errorf(fault.You, "this org lacks it or does not show it to the integration user")
}

// fieldsNow are the fields that are read, as the org describes them: "Opportunity.Amount"
// and "currency(18,2)".
func fieldsNow(streams []connectors.Stream, asked []object, replies []reply) map[string]string {
	now := map[string]string{}
	for i, o := range asked {
		at := slices.IndexFunc(streams, func(s connectors.Stream) bool { return s.Name == o.name || s.Name == replies[i].Name })
		if at < 0 || replies[i].err != nil {
			continue
		}
		names := selected(streams[at].Tables[0])
		for _, f := range replies[i].Fields {
			if slices.Contains(names, f.Name) {
				now[streams[at].Name+"."+f.Name] = f.text()
			}
		}
	}
	return now
}

// text is a field's type as a person writes it.
func (f field) text() string {
	if dtype, err := arrowType(f); err == nil && dtype.ID() == arrow.DECIMAL128 {
		return fmt.Sprintf("%s(%d,%d)", f.Type, f.Precision, f.Scale)
	}
	return f.Type
}
