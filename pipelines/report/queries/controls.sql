select count(*) as totals, sum(control_totals.deals) as deals,
    sum(case when control_totals.staged_deals <> control_totals.deals or control_totals.staged_amount <> control_totals.amount then 1 else 0 end) as wrong
from audits.control_totals
