select top_persistence.period, top_persistence.role, top_persistence.board, top_persistence.verdict, top_persistence.text
from marts.top_persistence
order by top_persistence.period, top_persistence.role, top_persistence.board
