package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"merit/connectors/fault"
	"merit/connectors/sandbox"
	"merit/connectors/sandbox/company"
)

type sandboxCommand struct {
	Port    int    `help:"Port on 127.0.0.1; 0 takes a free one." default:"8640"`
	Data    string `help:"Folder of CSV files in Salesforce's own column names (or of the CRM sales opportunities set)." type:"existingdir" xor:"story" placeholder:"FOLDER"`
	Company string `help:"Invented company: acme." enum:"acme" default:"acme"`
	Seed    uint64 `help:"Another seed is another story." default:"1"`
	Size    int    `help:"How many deals the invented company has." default:"600"`
	Init    string `help:"Also write a project folder that reads this sandbox." type:"path" placeholder:"DIR"`
	As      string `help:"By which protocol that project reads." enum:"salesforce,hubspot" default:"salesforce"`
}

// Help is what merit sandbox --help adds.
func (sandboxCommand) Help() string {
	return `Serves one company by Salesforce's and by HubSpot's protocol on one port, until it is stopped. Its clock stands still until it is told to move:

    curl -X POST 'http://127.0.0.1:8640/sandbox/advance?days=7'
    curl -X POST 'http://127.0.0.1:8640/sandbox/hide?object=Opportunity&field=Amount'
    curl 'http://127.0.0.1:8640/sandbox/truth'`
}

// Run is called by the command line.
func (c sandboxCommand) Run(a *app) error {
	story, err := c.story()
	if err != nil {
		return err
	}
	served, err := serve(story, c.Port)
	if err != nil {
		return err
	}
	defer served.stop()
	a.printf("%s as of %s\n  endpoint       %s\n  Salesforce     client_id %s, client_secret %s\n  HubSpot        token %s\n",
		story.Name, story.Now.Format(time.RFC3339), served.endpoint, sandbox.ClientID, sandbox.ClientSecret, sandbox.Token)
	if c.Init != "" {
		if err := writeStoryProject(c.Init, story, []storySource{{c.As, served.endpoint}}); err != nil {
			return err
		}
		a.printf("  project        %s reads it as %s\n", c.Init, c.As)
	}
	a.printf("Ctrl-C stops it\n")
	select {
	case <-a.ctx.Done():
		return nil
	case err := <-served.failed:
		return err
	}
}

func (c sandboxCommand) story() (*company.Company, error) {
	if c.Data == "" {
		return company.Acme(c.Seed, c.Size), nil
	}
	story, err := company.FromFolder(c.Data)
	if err != nil {
		return nil, fault.Error{Who: fault.You, Err: err}
	}
	return story, nil
}

// A served sandbox answers on loopback.
type served struct {
	endpoint string
	failed   chan error
	stop     func()
}

func serve(story *company.Company, port int) (*served, error) {
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fault.Errorf(fault.You, "the sandbox can't take port %d: %w", port, err)
	}
	server := &http.Server{Handler: sandbox.New(story), ReadHeaderTimeout: 10 * time.Second}
	s := &served{endpoint: "http://" + listener.Addr().String(), failed: make(chan error, 1)}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	s.stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // a client that holds on is cut off
		}
	}
	return s, nil
}
