package lake

import (
	"context"
	"regexp"
	"strings"
	"unicode"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	"github.com/apache/iceberg-go/table"

	"merit/connectors/fault"
)

// How names of tables become names in the catalog. Amazon's S3 Tables and Glue, and
// catalogs made after them, take small letters, digits and _ only.
const (
	NamesKept  = ""      // Opportunity
	NamesLower = "lower" // opportunitylineitem
	NamesSnake = "snake" // opportunity_line_item
)

// Properties by which a table or a namespace in the catalog says what it is called here.
const (
	tableNameProperty  = "merit.table"
	sourceNameProperty = "merit.source"
)

var wordInName = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// catalogName is what a table or source is called in the catalog.
func (c *remoteCatalog) catalogName(name string) string {
	switch c.settings.Names {
	case NamesSnake:
		name = wordInName.ReplaceAllString(name, "${1}${3}_${2}${4}")
	case NamesLower:
	default:
		return name
	}
	name = strings.ToLower(name)
	if !unicode.IsLetter(rune(name[0])) {
		name = "t" + name
	}
	return name
}

// there is a table's name in the catalog.
func (c *remoteCatalog) there(ident table.Identifier) table.Identifier {
	named := table.Identifier{c.catalogName(c.namespace() + "_" + ident[0])}
	for _, name := range ident[1:] {
		named = append(named, c.catalogName(name))
	}
	return named
}

// checkOwner refuses a table that is another's: two names that differ in capitals may
// become one in the catalog.
func (c *remoteCatalog) checkOwner(ident table.Identifier, found table.Metadata) error {
	if said := found.Properties()[tableNameProperty]; said != "" && said != ident[len(ident)-1] {
		return fault.Errorf(fault.You, "tables %s and %s of %s would both be called %s in the catalog (names: %s): leave one of them out of streams",
			said, ident[len(ident)-1], ident[0], strings.Join(c.there(ident), "."), c.settings.Names)
	}
	return nil
}

// tableName is what a table in the catalog is called here.
func (c *remoteCatalog) tableName(ctx context.Context, client *rest.Catalog, there table.Identifier) (string, error) {
	name := there[len(there)-1]
	if c.settings.Names == NamesKept {
		return name, nil
	}
	loaded, err := client.LoadTable(ctx, there)
	if err != nil {
		return "", err
	}
	if said := loaded.Properties()[tableNameProperty]; said != "" {
		name = said
	}
	return name, nil
}

// sourceName is what a namespace in the catalog is called here; "" for one of others.
func (c *remoteCatalog) sourceName(ctx context.Context, namespace string) (string, error) {
	source, isOurs := strings.CutPrefix(namespace, c.catalogName(c.namespace()+"_"))
	if !isOurs || !nameAllowed.MatchString(source) {
		return "", nil
	}
	if c.settings.Names == NamesKept {
		return source, nil
	}
	err := c.ask(ctx, "looking at a namespace of", nil, func(client *rest.Catalog) error {
		properties, err := client.LoadNamespaceProperties(ctx, table.Identifier{namespace})
		if said := properties[sourceNameProperty]; err == nil && said != "" {
			source = said
		}
		return err
	})
	return source, err
}

// withTableName lets a table say what it is called here.
func withTableName(name string) catalog.CreateTableOpt {
	return func(wanted *catalog.CreateTableCfg) {
		if wanted.Properties == nil {
			wanted.Properties = iceberg.Properties{}
		}
		wanted.Properties[tableNameProperty] = name
	}
}
