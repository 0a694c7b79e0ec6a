select rep_performance.rep_id, rep_performance.period, rep_performance.won_deals, rep_performance.lost_deals, rep_performance.won_amount,
    rep_performance.open_deals, rep_performance.win_rate
from marts.rep_performance
order by rep_performance.rep_id, rep_performance.period
