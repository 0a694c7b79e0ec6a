package hubspot

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/go-json-experiment/json/jsontext"

	"merit/connectors"
	"merit/connectors/decode"
	"merit/connectors/fault"
	"merit/connectors/incremental"
)

// catalogueStream has the properties of all objects that are read, as the portal
// describes them, and what changed about them since the reading before: an owner
// of numbers wants to know that somebody made a text of a number.
func catalogueStream() small {
	return small{
		name: propertiesName,
		tables: []connectors.Table{
			{Name: propertiesName, Key: []string{"object", "name"}, Schema: arrow.NewSchema([]arrow.Field{
				text("object"), text("name"), flag(connectors.DeletedColumn), text("label"), text("type"), text("fieldType"), text("groupName"),
				flag("calculated"), flag("hubspotDefined"), text("referencedObjectType"), text("options"), text("dataSensitivity"),
			}, nil)},
			{Name: "property_changes", Key: []string{"object", "name", "noticed_at"}, Schema: arrow.NewSchema([]arrow.Field{
				text("object"), text("name"), instant("noticed_at"),
				text("change"), // added, removed or retyped
				text("before"), text("after"),
			}, nil)},
		},
		read: readCatalogue,
	}
}

const propertiesName = "properties"

func readCatalogue(r *smallReading) error {
	now, err := r.now()
	if err != nil {
		return err
	}
	known := map[string]string{}
	for _, o := range r.objects {
		if o.isSplits {
			continue // they are of deals, which have their turn
		}
		if !r.needs(o) {
			r.keepKnown(o.name, known)
			continue
		}
		if why := r.refused[o.name]; why != nil {
			r.leaveOut(o.name, known, why)
			continue
		}
		for _, archived := range []bool{true, false} {
			query := url.Values{"archived": {strconv.FormatBool(archived)}}
			err := r.each(r.path("crm/properties", o.listedAs()), query, func(d *jsontext.Decoder) error {
				return readProperty(d, r.builders[0], o.name, archived, known)
			})
			if isRefused(err) && o.isSoft { // before anything of it was taken; half of a list is none
				r.leaveOut(o.name, known, err)
				break
			}
			if err != nil {
				return err
			}
		}
	}
	if r.last.Known != nil {
		drift(r.builders[1], r.last.Known, known, strconv.FormatInt(now.UnixMilli(), 10))
	}
	for place := range r.last.Known {
		if _, ok := known[place]; !ok {
			object, name, _ := strings.Cut(place, ".")
			set(r.builders[0], map[string]string{"object": object, "name": name, connectors.DeletedColumn: "true"})
			r.builders[0].EndRow()
		}
	}
	r.last.Known = known
	return nil
}

// leaveOut says that an object's properties can't be read this time. Those that were
// known stay so: what may not be seen is not gone.
func (r *smallReading) leaveOut(object string, known map[string]string, why error) {
	r.keepKnown(object, known)
	r.told = append(r.told, connectors.Reject{
		Table: "properties", Key: object + "/*", Column: "object", Reason: "these properties can't be read: " + why.Error(),
	})
}

// keepKnown leaves an object's properties as they were.
func (r *smallReading) keepKnown(object string, known map[string]string) {
	for place, kind := range r.last.Known {
		if of, _, _ := strings.Cut(place, "."); of == object {
			known[place] = kind
		}
	}
}

func readProperty(d *jsontext.Decoder, b *decode.Builder, object string, archived bool, known map[string]string) error {
	var name, kind string
	err := decode.Members(d, func(member []byte) error {
		what, to := string(member), b.Column(string(member))
		text, _, err := decode.Text(d, nil)
		switch what {
		case "name":
			name = strings.ReplaceAll(string(text), "\x00", "") // as the builder keeps it
			if !utf8.ValidString(name) && err == nil {
				err = fault.Errorf(fault.Them, "the name of a property of %s is no UTF-8", object)
			}
		case "type":
			kind = string(text)
		}
		b.Set(to, text)
		return err
	})
	set(b, map[string]string{"object": object, connectors.DeletedColumn: strconv.FormatBool(archived)})
	b.EndRow()
	if !archived {
		known[object+"."+name] = kind
	}
	return err
}

// drift writes what is not as it was.
func drift(b *decode.Builder, before, after map[string]string, noticed string) {
	for c := range incremental.Drift(before, after) {
		change := map[incremental.ChangeKind]string{
			incremental.FieldAdded: "added", incremental.FieldRemoved: "removed", incremental.FieldRetyped: "retyped",
		}[c.Kind]
		set(b, map[string]string{"object": c.Object, "name": c.Field, "noticed_at": noticed, "change": change, "before": c.Before, "after": c.After})
		b.EndRow()
	}
}
