package warehouse

// A BucketReader is a warehouse that reads the files of some buckets where they lie.
// Others read copies on this machine.
type BucketReader interface {
	// ReadsFrom tells whether it reads what lies at a location such as gs://bucket/lake.
	ReadsFrom(location string) bool
}
