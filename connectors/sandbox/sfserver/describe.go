package sfserver

import (
	"fmt"
	"net/http"
	"strings"
)

// A described field has those attributes of the REST describe that readers go by.
type described struct {
	Name             string   `json:"name"`
	Label            string   `json:"label"`
	Type             string   `json:"type"`
	SOAPType         string   `json:"soapType"`
	Length           int      `json:"length"`
	ByteLength       int      `json:"byteLength"`
	Precision        int      `json:"precision"`
	Scale            int      `json:"scale"`
	Digits           int      `json:"digits"`
	Nillable         bool     `json:"nillable"`
	Custom           bool     `json:"custom"`
	Calculated       bool     `json:"calculated"`
	CompoundField    *string  `json:"compoundFieldName"`
	ReferenceTo      []string `json:"referenceTo"`
	Relationship     *string  `json:"relationshipName"`
	Polymorphic      bool     `json:"polymorphicForeignKey"`
	Filterable       bool     `json:"filterable"`
	Sortable         bool     `json:"sortable"`
	Groupable        bool     `json:"groupable"`
	Aggregatable     bool     `json:"aggregatable"`
	Createable       bool     `json:"createable"`
	Updateable       bool     `json:"updateable"`
	NameField        bool     `json:"nameField"`
	DeprecatedHidden bool     `json:"deprecatedAndHidden"`
	Encrypted        bool     `json:"encrypted"`
	HighScale        bool     `json:"highScaleNumber"`
	Unique           bool     `json:"unique"`
	Picklist         []string `json:"picklistValues"`
	Default          any      `json:"defaultValue"`
}

// A summary is an object as the global describe lists it.
type summary struct {
	Name          string            `json:"name"`
	Label         string            `json:"label"`
	LabelPlural   string            `json:"labelPlural"`
	KeyPrefix     string            `json:"keyPrefix"`
	Custom        bool              `json:"custom"`
	Queryable     bool              `json:"queryable"`
	Retrieveable  bool              `json:"retrieveable"`
	Replicateable bool              `json:"replicateable"`
	Searchable    bool              `json:"searchable"`
	Createable    bool              `json:"createable"`
	Updateable    bool              `json:"updateable"`
	Deletable     bool              `json:"deletable"`
	Hidden        bool              `json:"deprecatedAndHidden"`
	URLs          map[string]string `json:"urls"`
}

func (a *API) serveObjects(w http.ResponseWriter, version int, path string) *refusal {
	if path == "" {
		list := make([]summary, len(a.objects))
		for i := range a.objects {
			list[i] = a.objects[i].summary(version)
		}
		writeJSON(w, http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
		return nil
	}
	name, part, _ := strings.Cut(path, "/")
	object := a.object(name)
	if object == nil {
		return notFound()
	}
	switch part {
	case "":
		writeJSON(w, http.StatusOK, map[string]any{"objectDescribe": object.summary(version), "recentItems": []string{}})
	case "describe":
		writeJSON(w, http.StatusOK, struct {
			summary
			Fields []described `json:"fields"`
		}{object.summary(version), a.describe(object)})
	default:
		return notFound()
	}
	return nil
}

func (o *object) summary(version int) summary {
	home := fmt.Sprintf("/services/data/v%d.0/sobjects/%s", version, o.name)
	history := strings.HasSuffix(o.name, "History")
	return summary{
		Name: o.name, Label: o.label, LabelPlural: o.label, KeyPrefix: o.prefix, Queryable: true, Retrieveable: true, Replicateable: true,
		Searchable: !history, Createable: !history, Updateable: !history, Deletable: !history,
		URLs: map[string]string{"sobject": home, "describe": home + "/describe", "rowTemplate": home + "/{ID}"},
	}
}

// describe lists the fields that we may see.
func (a *API) describe(o *object) []described {
	var fields []described
	for i := range o.fields {
		if f := &o.fields[i]; !a.isHidden(o.name, f.name) {
			fields = append(fields, f.describe())
		}
	}
	return fields
}

func (f *field) describe() described {
	custom := strings.HasSuffix(f.name, "__c")
	d := described{
		Name: f.name, Label: f.label, Type: f.kind, SOAPType: "xsd:string", Length: f.length, ByteLength: 3 * f.length,
		Nillable: f.kind != "id" && f.kind != "boolean", Custom: custom, Calculated: f.formula, ReferenceTo: []string{}, Picklist: []string{},
		Filterable: f.filterable(), Sortable: f.filterable(), Groupable: f.length > 0, Aggregatable: f.length > 0,
		Createable: custom, Updateable: custom, NameField: f.name == "Name", Polymorphic: len(f.to) > 1,
	}
	if d.Label == "" {
		d.Label = strings.TrimSuffix(f.name, "__c")
	}
	if f.compound != "" {
		d.CompoundField = &f.compound
	}
	if f.to != nil {
		relationship := strings.TrimSuffix(f.name, "Id")
		d.ReferenceTo, d.Relationship = f.to, &relationship
	}
	switch f.kind {
	case "id", "reference":
		d.SOAPType, d.ByteLength = "tns:ID", 18
	case "boolean":
		d.SOAPType, d.Default = "xsd:boolean", false
	case "int":
		d.SOAPType, d.Digits = "xsd:int", 9
	case "double", "currency":
		d.SOAPType, d.Precision, d.Scale = "xsd:double", 18, 2
	case "percent":
		d.SOAPType, d.Precision, d.Scale = "xsd:double", 3, 0
	case "date":
		d.SOAPType = "xsd:date"
	case "datetime":
		d.SOAPType = "xsd:dateTime"
	case "anyType":
		d.SOAPType = "xsd:anyType"
	case "address":
		d.SOAPType = "urn:address"
	case "email":
		d.Length, d.ByteLength = 80, 240
	}
	if f.scale > 0 {
		d.Precision, d.Scale = 18, f.scale
	}
	return d
}
