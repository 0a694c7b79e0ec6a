package hubspot

import (
	"bytes"
	"context"
	"testing"

	"merit/connectors"
)

// BenchmarkBackfill reads all deals with their history and links, from the
// sandbox in the same process.
func BenchmarkBackfill(b *testing.B) {
	a := newAcme(b, 20_000)
	source, err := Connector().Open(context.Background(), a.settings())
	if err != nil {
		b.Fatal(err)
	}
	streams, err := source.Streams(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range streams[:1] {
		b.Run(s.Name, func(b *testing.B) {
			records := int64(0)
			for b.Loop() {
				records += readAll(b, source, s)
			}
			b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func readAll(b *testing.B, source connectors.Source, s connectors.Stream) int64 {
	records := int64(0)
	for page, err := range source.Read(context.Background(), s, "") {
		if err != nil {
			b.Fatal(err)
		}
		for _, batch := range page.Batches {
			if batch.Table == s.Tables[0].Name {
				records += batch.Records.NumRows()
			}
		}
		release(page)
	}
	return records
}

// BenchmarkDecode turns one batch's reply into rows again and again: the share of
// a reading that is ours alone.
func BenchmarkDecode(b *testing.B) {
	a := newAcme(b, 2000)
	source, err := Connector().Open(context.Background(), a.settings())
	if err != nil {
		b.Fatal(err)
	}
	p := source.(*portal)
	streams, err := p.Streams(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	o := p.objects[0]
	_, found, err := p.list(context.Background(), o, listing{properties: []string{idColumn}, limit: listedAtOnce}, "")
	if err != nil {
		b.Fatal(err)
	}
	body, err := p.readBatch(context.Background(), o, found.ids[:batchWithHistory], false)
	if err != nil {
		b.Fatal(err)
	}
	text := bytes.Clone(body.Bytes())
	r := newRows(o, streams[0])
	deals := 0
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		body.Reset()
		body.Write(text)
		if err := r.page(body); err != nil {
			b.Fatal(err)
		}
		if deals += len(r.seen); deals%pageRecords == 0 {
			release(r.flush())
		}
	}
	b.ReportMetric(float64(deals)/b.Elapsed().Seconds(), "deals/s")
}
