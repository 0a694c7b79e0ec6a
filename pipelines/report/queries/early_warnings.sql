select early_warnings.subject, early_warnings.role, coalesce(early_warnings.rep_id, '') as rep_id, early_warnings.kind, early_warnings.week_on, early_warnings.last_on,
    early_warnings.is_current, early_warnings.is_top_performer, early_warnings.text
from marts.early_warnings
order by early_warnings.week_on desc, early_warnings.subject, early_warnings.subject_id, early_warnings.kind
