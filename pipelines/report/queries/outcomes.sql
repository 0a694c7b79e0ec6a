select sales_numbers.rep_id, sales_numbers.period, sales_numbers.won_deals, sales_numbers.lost_deals, sales_numbers.won_amount,
    sales_numbers.open_deals, sales_numbers.win_rate
from marts.sales_numbers
order by sales_numbers.rep_id, sales_numbers.period
