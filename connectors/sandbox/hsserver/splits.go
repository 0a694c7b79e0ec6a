package hsserver

import (
	"net/http"
	"strconv"
	"strings"

	"merit/connectors/sandbox/company"
)

// Ids of splits: ten for each deal.
const (
	splitsFrom  = 67_000_000_000
	splitsADeal = 10
)

// SplitID is the id of the credit at index k of the story's deal at index i.
func SplitID(i, k int) string { return text(splitsFrom + int64(i)*splitsADeal + int64(k)) }

type splitReply struct {
	ID         string            `json:"id"`
	Properties map[string]string `json:"properties"`
	CreatedAt  string            `json:"createdAt"`
	UpdatedAt  string            `json:"updatedAt"`
	Archived   bool              `json:"archived"`
}

type dealSplits struct {
	ID     string       `json:"id"`
	Splits []splitReply `json:"splits"`
}

// splits serves POST /deal-splits/{version}/batch/read: who shares in deals. There
// is no list of them, and a deal without any has an empty one.
func (a *API) splits(dst []byte, r *http.Request) (int, []byte, error) {
	if err := a.granted("crm.objects.deals.read"); err != nil {
		return 0, nil, err
	}
	if err := a.granted("deal-splits"); err != nil {
		return 0, nil, err
	}
	members, err := body(r, "inputs")
	if err != nil {
		return 0, nil, err
	}
	var inputs []input
	if err := member(members, "inputs", &inputs); err != nil {
		return 0, nil, err
	}
	if len(inputs) > listPage {
		return 0, nil, invalid("The maximum number of inputs supported in a batch request is %d", listPage)
	}
	results := []dealSplits{}
	deals, err := a.known("deals")
	if err != nil {
		return 0, nil, err
	}
	var found record
	for _, in := range inputs {
		id, err := strconv.ParseInt(in.ID, 10, 64)
		if err != nil {
			return 0, nil, invalid("%s is not a valid ID", in.ID)
		}
		if deals.find(&found, id, a.now()) && !found.archived() {
			results = append(results, dealSplits{in.ID, a.portal.splits(int(found.index), a.now())})
		}
	}
	return appendJSON(dst, map[string]any{"status": "COMPLETE", "results": results, "startedAt": iso(a.now()), "completedAt": iso(a.now())})
}

// splits are a deal's shares at an instant. HubSpot counts them as parts of one.
func (p *portal) splits(deal int, now company.Instant) []splitReply {
	list := []splitReply{}
	for k, c := range p.story.Deals[deal].Credits {
		if c.Kind != company.Share || c.CreatedAt > now || company.DeletedBy(c.DeletedAt, now) {
			continue
		}
		list = append(list, splitReply{
			ID: SplitID(deal, k),
			Properties: map[string]string{
				"hs_deal_split_percentage": hundredth(c.PercentAt(now)), "hubspot_owner_id": OwnerID(p.story, c.User),
			},
			CreatedAt: iso(c.CreatedAt), UpdatedAt: iso(c.ModifiedAt(now)),
		})
	}
	return list
}

// hundredth is a percentage as a part of one, digit by digit: 45.5 is 0.455.
func hundredth(percent string) string {
	whole, fraction, _ := strings.Cut(percent, ".")
	digits := strings.Repeat("0", max(0, 3-len(whole))) + whole
	text := strings.TrimRight(digits[:len(digits)-2]+"."+digits[len(digits)-2:]+fraction, "0")
	return strings.TrimSuffix(text, ".")
}
