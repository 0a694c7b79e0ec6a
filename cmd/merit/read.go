package main

import (
	"fmt"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"merit/pipelines"
	"merit/pipelines/runlog"
)

type readCommand struct {
	Full bool     `help:"Start over from the beginning; what the lake has already is not written twice."`
	Only []string `arg:"" optional:"" name:"source" help:"SOURCE or SOURCE.STREAM; all without."`
}

// Run is called by the command line.
func (c readCommand) Run(a *app) error {
	record, _, closeAll, err := a.record("read", func(job *pipelines.Job) (runlog.Run, error) {
		var r runlog.Run
		var err error
		r.Streams, r.Budgets, err = job.Reader().Read(a.ctx, c.Only, c.Full)
		return r, err
	})
	if closeAll != nil {
		defer closeAll()
	}
	if err != nil {
		return err
	}
	a.printStreams(record.Streams)
	return nil
}

// printStreams shows what was read, a line a table that something came of.
func (a *app) printStreams(streams []runlog.Stream) {
	if a.quiet {
		return
	}
	t := a.table(table.Row{"read", "rows that came", "new in the lake", "rejects"})
	var read, fresh, rejects int64
	still := 0
	for _, s := range streams {
		for _, one := range s.Tables {
			if one.Read == 0 && one.Rejects == 0 {
				still++
				continue
			}
			t.AppendRow(table.Row{s.Source + "." + one.Table, one.Read, one.New, one.Rejects})
			read, fresh, rejects = read+one.Read, fresh+one.New, rejects+one.Rejects
		}
	}
	if still > 0 {
		t.AppendRow(table.Row{fmt.Sprintf("%d tables brought nothing", still)})
	}
	t.AppendFooter(table.Row{"all", read, fresh, rejects})
	t.Render()
}

// table is how every command prints rows.
func (a *app) table(header table.Row) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(a.out)
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Options.SeparateHeader = true
	style.Format.Header, style.Format.Footer = text.FormatDefault, text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(header)
	return t
}
