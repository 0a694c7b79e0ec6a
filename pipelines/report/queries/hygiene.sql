select deal_hygiene.rep_id, deal_hygiene.period, deal_hygiene.source, deal_hygiene.deal_id, deal_hygiene.name, deal_hygiene.stage,
    deal_hygiene.is_closed, deal_hygiene.score, deal_hygiene.missing, deal_hygiene.url, deals.amount, deals.currency
from marts.deal_hygiene
left join core.deals
    on deals.source = deal_hygiene.source
    and deals.deal_id = deal_hygiene.deal_id
order by deal_hygiene.rep_id, deal_hygiene.period, deal_hygiene.score, deal_hygiene.source, deal_hygiene.deal_id
