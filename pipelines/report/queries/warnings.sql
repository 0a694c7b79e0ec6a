select deal_warnings.rep_id, deal_warnings.source, deal_warnings.deal_id, deal_warnings.name, deal_warnings.url, deal_warnings.warning, deal_warnings.why
from marts.deal_warnings
order by deal_warnings.rep_id, deal_warnings.source, deal_warnings.deal_id, deal_warnings.warning
