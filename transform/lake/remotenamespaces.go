package lake

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/catalog"
	"github.com/apache/iceberg-go/catalog/rest"
	"github.com/apache/iceberg-go/table"
)

// CreateNamespace makes a source's namespace, once: streams that are read side by side
// wait for the first of them, since some catalogs answer 500 to the others. When the
// outcome is not known, it looks whether the namespace is there.
func (c *remoteCatalog) CreateNamespace(ctx context.Context, namespace table.Identifier, _ iceberg.Properties) error {
	c.making.Lock()
	defer c.making.Unlock()
	if slices.Contains(c.made, namespace[0]) {
		return catalog.ErrNamespaceAlreadyExists
	}
	err := c.ask(ctx, "making a namespace in", nil, func(client *rest.Catalog) error {
		return client.CreateNamespace(ctx, c.there(namespace), iceberg.Properties{sourceNameProperty: namespace[0]})
	})
	if err != nil && !errors.Is(err, catalog.ErrNamespaceAlreadyExists) {
		missing := c.ask(ctx, "looking for a namespace in", nil, func(client *rest.Catalog) error {
			_, err := client.LoadNamespaceProperties(ctx, c.there(namespace))
			return err
		})
		if missing != nil {
			return err
		}
		err = catalog.ErrNamespaceAlreadyExists
	}
	c.made = append(c.made, namespace[0])
	return err
}

// ListNamespaces gives the sources; other namespaces of the catalog are others'.
func (c *remoteCatalog) ListNamespaces(ctx context.Context, _ table.Identifier) (sources []table.Identifier, err error) {
	var all []table.Identifier
	err = c.ask(ctx, "listing the namespaces of", nil, func(client *rest.Catalog) (err error) {
		all, err = client.ListNamespaces(ctx, nil)
		return err
	})
	for _, one := range all {
		if len(one) != 1 {
			continue
		}
		source, err := c.sourceName(ctx, one[0])
		if err != nil {
			return nil, err
		}
		if source != "" {
			sources = append(sources, table.Identifier{source})
		}
	}
	return sources, err
}

// ListTables gives a source's tables; none when there is no such source.
func (c *remoteCatalog) ListTables(ctx context.Context, namespace table.Identifier) iter.Seq2[table.Identifier, error] {
	return func(yield func(table.Identifier, error) bool) {
		var found []table.Identifier
		err := c.ask(ctx, "listing the tables of", nil, func(client *rest.Catalog) error {
			found = nil
			for ident, err := range client.ListTables(ctx, c.there(namespace)) {
				if err != nil {
					return err
				}
				name, err := c.tableName(ctx, client, append(c.there(namespace), ident[len(ident)-1]))
				if err != nil {
					return err
				}
				found = append(found, table.Identifier{namespace[0], name})
			}
			return nil
		})
		if errors.Is(err, catalog.ErrNoSuchNamespace) {
			return
		}
		if err != nil {
			yield(nil, err)
			return
		}
		for _, ident := range found {
			if !yield(ident, nil) {
				return
			}
		}
	}
}
