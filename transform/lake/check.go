package lake

import (
	"context"

	"github.com/apache/iceberg-go/table"
)

// Check looks whether the lake can be used as the settings say: the bucket lists its
// objects to us, the catalog lets us in, and every table can be opened. It reads no rows
// and changes nothing.
func (l *Lake) Check(ctx context.Context) error {
	if files, isRemote := l.disk.(*remoteFiles); isRemote {
		for _, err := range files.store.List(ctx, leaseKey) {
			if err != nil {
				return err
			}
			break
		}
	}
	return l.eachTable(ctx, func(*table.Table) error { return nil })
}
