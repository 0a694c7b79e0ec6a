package bi

import (
	"bytes"
	"fmt"
	"strings"
)

// lookml is a view for each table and an explore for each view. Its syntax is
// checked with lkml 1.3.7; a Looker was not at hand.
func lookml(p Project) (map[string][]byte, error) {
	files := map[string][]byte{}
	model := "connection: \"merit\"\ninclude: \"/views/*.view.lkml\"\n"
	for _, t := range p.Catalogue.Tables {
		files["views/"+t.Name+".view.lkml"] = lookmlView(t)
		model += fmt.Sprintf("explore: %s { description: \"%s\" }\n", t.Name, quoted(sentence(t.Description)))
	}
	files["merit.model.lkml"] = []byte(model)
	return files, nil
}

func quoted(s string) string { return strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) }

func lookmlView(t Table) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s %s\nview: %s {\n  sql_table_name: merit.%s ;;\n", sentence(t.Description), sentence(t.Grain), t.Name, t.Name)
	if len(t.Key) > 0 {
		var parts []string
		for _, k := range t.Key {
			parts = append(parts, "CAST(${TABLE}."+k+" AS STRING)")
		}
		fmt.Fprintf(&b, "  dimension: row_key { primary_key: yes hidden: yes type: string sql: CONCAT(%s) ;; }\n", strings.Join(parts, ", '|', "))
	}
	for _, c := range t.Columns {
		said := quoted(sentence(c.Description))
		switch {
		case c.isTime():
			kind, convert := "time", ""
			if c.Type == "DATE" {
				kind, convert = "time", " datatype: date convert_tz: no"
			}
			name := strings.TrimSuffix(strings.TrimSuffix(c.Name, "_at"), "_on")
			fmt.Fprintf(&b, "  dimension_group: %s { type: %s timeframes: [raw, date, week, month, quarter, year]%s sql: ${TABLE}.%s ;; description: \"%s\" }\n", name, kind, convert, c.Name, said)
		case c.Type == "BOOLEAN":
			fmt.Fprintf(&b, "  dimension: %s { type: yesno sql: ${TABLE}.%s ;; description: \"%s\" }\n", c.Name, c.Name, said)
		case c.isNumber():
			fmt.Fprintf(&b, "  dimension: %s { type: number sql: ${TABLE}.%s ;; description: \"%s\" }\n", c.Name, c.Name, said)
		case c.Name == "url":
			fmt.Fprintf(&b, "  dimension: url { type: string sql: ${TABLE}.url ;; description: \"%s\" link: { label: \"Open at the CRM\" url: \"{{ value }}\" } }\n", said)
		default:
			fmt.Fprintf(&b, "  dimension: %s { type: string sql: ${TABLE}.%s ;; description: \"%s\" }\n", c.Name, c.Name, said)
		}
	}
	for _, c := range t.Columns {
		if c.isNumber() && strings.HasSuffix(c.Name, "amount") {
			fmt.Fprintf(&b, "  measure: total_%s { type: sum sql: ${TABLE}.%s ;; value_format_name: decimal_2 }\n", c.Name, c.Name)
		}
	}
	b.WriteString("  measure: count { type: count }\n}\n")
	return b.Bytes()
}
