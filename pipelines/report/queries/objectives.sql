select okr_alignment.period, okr_alignment.okr, okr_alignment.kpi, okr_alignment.metric, okr_alignment.title, okr_alignment.unit,
    okr_alignment.company_value, okr_alignment.reps_measured, okr_alignment.reps_scored, okr_alignment.reps_at_target, okr_alignment.mean_attainment, okr_alignment.verdict, okr_alignment.text
from marts.okr_alignment
order by okr_alignment.period, okr_alignment.okr, okr_alignment.metric
