package hsserver

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// Page sizes: HubSpot's reference of the objects API.
const (
	usualPage   = 10
	listPage    = 100
	historyPage = 50 // with propertiesWithHistory
)

// list serves GET /crm/objects/{version}/{type}: all records by id, those that
// are archived only when asked for, and then those alone.
func (a *API) list(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	query := r.URL.Query()
	s, err := a.asked(o, query, r.PathValue("version"))
	if err != nil {
		return 0, nil, err
	}
	most := listPage
	if s.asked {
		most = historyPage
	}
	limit, err := limitOf(query.Get("limit"), usualPage, most)
	if err != nil {
		return 0, nil, err
	}
	after, err := readToken(query.Get("after"))
	if err != nil {
		return 0, nil, err
	}
	archived, err := flag(query, "archived")
	if err != nil {
		return 0, nil, err
	}
	at := a.now()
	v := o.view(at)
	indices := v.live
	if archived {
		indices, s.brief = v.archived, true
	}
	ids := o.ids.ids
	first := sort.Search(len(indices), func(k int) bool { return ids[indices[k]] > after })
	next := min(first+a.shorten(limit), len(indices))

	dst = append(dst, `{"results":[`...)
	dst = a.appendAll(dst, o, indices[first:next], at, s)
	dst = append(dst, ']')
	if next < len(indices) {
		query.Set("after", token(ids[indices[next-1]]))
		dst = appendPaging(dst, query.Get("after"), r.URL.Path+"?"+query.Encode())
	}
	return http.StatusOK, append(dst, '}'), nil
}

// one serves GET /crm/objects/{version}/{type}/{id}.
func (a *API) one(dst []byte, r *http.Request) (int, []byte, error) {
	o, err := a.object(r.PathValue("type"))
	if err != nil {
		return 0, nil, err
	}
	s, err := a.asked(o, r.URL.Query(), r.PathValue("version"))
	if err != nil {
		return 0, nil, err
	}
	archived, err := flag(r.URL.Query(), "archived")
	if err != nil {
		return 0, nil, err
	}
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	var found record
	if err != nil || !o.find(&found, id, a.now()) || found.archived() != archived {
		return 0, nil, notFound()
	}
	return http.StatusOK, a.appendRecord(dst, o, &found, s), nil
}

// asked reads which properties, histories and associations a query wants. Lists
// may be one parameter with commas, or the parameter again and again.
func (a *API) asked(o *object, query url.Values, version string) (*shape, error) {
	s := o.shape(names(query["properties"]), names(query["propertiesWithHistory"]))
	s.version = version
	for _, name := range names(query["associations"]) {
		to, err := a.object(name)
		if err != nil {
			return nil, err
		}
		if _, err := a.ties.kind(o, to); err != nil {
			return nil, err
		}
		s.ties = append(s.ties, to)
	}
	return s, nil
}

func names(lists []string) []string {
	var all []string
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

func limitOf(text string, usual, most int) (int, error) {
	if text == "" {
		return usual, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, invalid("Invalid limit: %s", text)
	}
	if n > most {
		return 0, invalid("The limit %d is too large: the maximum is %d", n, most)
	}
	return n, nil
}

func flag(query url.Values, name string) (bool, error) {
	switch query.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, invalid("%s must be true or false", name)
}

// shorten now and then gives half a page's length, at least 1.
func (a *API) shorten(limit int) int {
	if a.shortPage > 0 && a.pages.Add(1)%a.shortPage == 0 {
		return (limit + 1) / 2
	}
	return limit
}

// A token is the id after which a page begins, in a form that nobody should read
// and that has to be escaped in a URL.
func token(id int64) string {
	return base64.StdEncoding.EncodeToString([]byte("1;" + text(id) + "?"))
}

func readToken(after string) (int64, error) {
	if after == "" {
		return 0, nil
	}
	plain, err := base64.StdEncoding.DecodeString(after)
	if err == nil {
		digits := strings.TrimSuffix(strings.TrimPrefix(string(plain), "1;"), "?")
		if id, err := strconv.ParseInt(digits, 10, 64); err == nil && token(id) == after {
			return id, nil
		}
	}
	return 0, invalid("Invalid paging token: %s", after)
}

// appendPaging says where the next page begins. As at HubSpot, the link names
// HubSpot's own host whatever host was asked.
func appendPaging(dst []byte, after, path string) []byte {
	dst = append(dst, `,"paging":{"next":{"after":`...)
	dst = appendQuoted(dst, after)
	dst = append(dst, `,"link":`...)
	dst = appendQuoted(dst, "https://api.hubapi.com"+path)
	return append(dst, "}}"...)
}
