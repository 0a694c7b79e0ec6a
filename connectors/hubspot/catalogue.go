package hubspot

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/sourcegraph/conc/pool"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/rest"
)

// A property is what the portal's catalogue says of one. A property that this
// token may not read is simply not in it.
type property struct {
	Name       string `json:"name"`
	Label      string `json:"label"`
	Type       string `json:"type"`
	Calculated bool   `json:"calculated"`
	Refers     string `json:"referencedObjectType"`
}

// Columns of main tables that are no properties of the record.
const (
	idColumn       = "hs_object_id"
	archivedColumn = "archivedAt"
	urlColumn      = "url"
)

// Streams lists the objects with the columns that this portal has for them. All
// that is missing is named at once.
func (p *portal) Streams(ctx context.Context) ([]connectors.Stream, error) {
	streams := make([]connectors.Stream, len(p.objects))
	lacking := make([]error, len(p.objects))
	refused := make([]error, len(p.objects))
	// A token that is refused is refused for each object: once is enough to say.
	catalogues := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	for i, o := range p.objects {
		if !p.needs(o) {
			streams[i] = connectors.Stream{Name: o.name, Tables: o.withoutExtras().tables(nil)}
			continue
		}
		catalogues.Go(func(ctx context.Context) error {
			known, err := p.catalogue(ctx, o)
			if err == nil {
				p.objects[i].unseen, p.objects[i].summed = o.absent(known), o.calculated(known)
				if names := p.objects[i].unseen; len(names) > 0 {
					p.Warn("properties of %s can't be read by this token; their columns stay empty: %s", o.name, strings.Join(names, ", "))
				}
				streams[i], lacking[i] = p.objects[i].stream(known)
				err = lacking[i]
			}
			switch {
			case err == nil || lacking[i] != nil && !o.isSoft:
				return nil
			case o.isSoft && ctx.Err() == nil && !connectors.IsOfAccount(err):
				if lacking[i] != nil {
					err, lacking[i] = refusal{err}, nil
				}
				streams[i], refused[i] = connectors.Stream{Name: o.name, Tables: o.withoutExtras().tables(nil), Unreadable: err}, err
				return nil
			}
			return err
		})
	}
	if err := catalogues.Wait(); err != nil {
		return nil, err
	}
	if err := errors.Join(lacking...); err != nil {
		return nil, err
	}
	p.refused = map[string]error{}
	for i, why := range refused {
		if why != nil {
			p.refused[streams[i].Name] = why
		}
	}
	if err := p.askDay(ctx); err != nil {
		return nil, err
	}
	p.opened.CompareAndSwap(0, p.seen.Load())
	streams = append(streams, ownerStream(), pipelineStream())
	for _, s := range p.smalls() {
		streams = append(streams, connectors.Stream{Name: s.name, Tables: s.tables})
	}
	return streams, nil
}

// needs tells whether an object will be read, or told about by a stream that is.
func (p *portal) needs(o object) bool { return p.Needs(o.name, propertiesName, countsName) }

// withoutExtras is the object without what only the portal's catalogue knows the type of.
func (o object) withoutExtras() object {
	o.extras = nil
	return o
}

// catalogue asks for an object's properties. The reply has no pages.
func (p *portal) catalogue(ctx context.Context, o object) (map[string]property, error) {
	var reply struct {
		Results *[]property `json:"results"`
	}
	call := rest.Call{Method: http.MethodGet, Path: p.path("crm/properties", o.listedAs())}
	if err := p.api.JSON(ctx, call, &reply); err != nil {
		return nil, err
	}
	if reply.Results == nil {
		return nil, fault.Errorf(fault.Them, "hubspot: the list of %s properties comes without results", o.singular)
	}
	known := make(map[string]property, len(*reply.Results))
	for _, found := range *reply.Results {
		known[found.Name] = found
	}
	return known, nil
}

// stream is the object with its columns, or a Fault of You that names what the
// catalogue lacks.
func (o object) stream(known map[string]property) (connectors.Stream, error) {
	var lacking []string
	for _, name := range o.properties() {
		if _, ok := known[name]; !ok {
			lacking = append(lacking, o.name+"."+name)
		}
	}
	if len(lacking) > 0 {
		return connectors.Stream{}, fault.Errorf(fault.You,
			"hubspot: %s can't be read by this token: the portal's list of %s properties lacks it; let the token's user view it, "+
				"or mend its name in merit.yml", strings.Join(lacking, ", "), o.singular)
	}
	for _, name := range o.followed() {
		if known[name].Calculated {
			return connectors.Stream{}, fault.Errorf(fault.You,
				"hubspot: %s.%s is calculated, and the history of such a property tells only when it was read; take it out of history", o.name, name)
		}
	}
	return connectors.Stream{Name: o.name, Tables: o.tables(known)}, nil
}

// absent are the properties of a soft object that this portal has not: their columns
// stay empty, which is said. One that everything rests upon may not be among them.
func (o object) absent(known map[string]property) []string {
	able := o.spare
	if o.isSoft {
		able = slices.Concat(o.texts, o.instants, o.dates, o.numbers)
	}
	var absent []string
	for _, name := range able {
		if _, ok := known[name]; !ok && name != o.modified {
			absent = append(absent, name)
		}
	}
	return absent
}

// calculated are the properties whose history a soft object would have, if this
// portal did not calculate them.
func (o object) calculated(known map[string]property) []string {
	if !o.isSoft {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.tracked), func(name string) bool { return !known[name].Calculated || slices.Contains(o.extras, name) })
}

// lacks says of a reading which columns it leaves empty, beside the rows.
func (o object) lacks() []connectors.Reject {
	var all []connectors.Reject
	for _, name := range o.unseen {
		all = append(all, connectors.Reject{Table: o.name, Key: "*", Column: name, Reason: "the portal's list of " + o.singular +
			" properties lacks it; let the token's user view it, if the subscription has it"})
	}
	for _, name := range o.summed {
		all = append(all, connectors.Reject{Table: o.historyTable(), Key: "*", Column: "property", Value: name,
			Reason: "HubSpot calculates " + o.name + "." + name + ", and the history of such a property tells only when it was read"})
	}
	return all
}

func (o object) tables(known map[string]property) []connectors.Table {
	if o.isSplits {
		return []connectors.Table{splitTable(), idTable(o.idTable())}
	}
	fields := []arrow.Field{
		text(idColumn),
		{Name: connectors.DeletedColumn, Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		instant(archivedColumn),
		text(urlColumn),
	}
	for _, name := range o.texts {
		fields = append(fields, text(name))
	}
	for _, name := range o.instants {
		fields = append(fields, instant(name))
	}
	for _, name := range o.dates {
		fields = append(fields, date(name))
	}
	for _, name := range o.numbers {
		fields = append(fields, decimal(name))
	}
	for _, name := range o.extras {
		fields = append(fields, arrow.Field{Name: name, Type: known[name].arrowType(), Nullable: true})
	}
	for i, field := range fields {
		if label := known[field.Name].Label; label != "" {
			fields[i].Metadata = arrow.NewMetadata([]string{connectors.DocKey}, []string{label})
		}
	}
	// Reading order decides between two rows of a record: HubSpot archives without
	// moving the date of last change.
	tables := []connectors.Table{{Name: o.name, Key: []string{idColumn}, Schema: arrow.NewSchema(fields, nil)}}
	if len(o.tracked) > 0 {
		tables = append(tables, historyTable(o.historyTable()))
	}
	if o.hasLinks() {
		tables = append(tables, linkTable(o.linkTable()))
	}
	if o.name == dealsName {
		tables = append(tables, fieldTable())
	}
	return append(tables, idTable(o.idTable()))
}

// arrowType is the type of a column for a property that merit.yml asks for. Lists
// (checkboxes) stay the one text in which HubSpot sends them, and so do ids: a
// number property may hold two of them ("3092727991;3881228353").
func (p property) arrowType() arrow.DataType {
	switch p.Type {
	case "bool":
		return arrow.FixedWidthTypes.Boolean
	case "date":
		return arrow.FixedWidthTypes.Date32
	case "datetime":
		return instantType()
	case "number":
		if p.Refers == "" && !strings.HasSuffix(p.Name, "_id") {
			return decimalType()
		}
	}
	return arrow.BinaryTypes.String
}

func decimalType() arrow.DataType { return decode.Decimal() }
func instantType() arrow.DataType {
	return &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "UTC"}
}

func text(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
}
func instant(name string) arrow.Field {
	return arrow.Field{Name: name, Type: instantType(), Nullable: true}
}
func date(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Date32, Nullable: true}
}
func decimal(name string) arrow.Field {
	return arrow.Field{Name: name, Type: decimalType(), Nullable: true}
}
func whole(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.PrimitiveTypes.Int64, Nullable: true}
}
func flag(name string) arrow.Field {
	return arrow.Field{Name: name, Type: arrow.FixedWidthTypes.Boolean, Nullable: true}
}

// object finds what a stream of this portal reads; false for the small streams.
func (p *portal) object(stream string) (object, bool) {
	i := slices.IndexFunc(p.objects, func(o object) bool { return o.name == stream })
	if i < 0 {
		return object{}, false
	}
	return p.objects[i], true
}
