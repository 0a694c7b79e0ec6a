-- training_effect: what a metric did in the four weeks after a module was learned, beside those who did not learn it
-- grain: one row a module and metric that the plan says it helps, of completions whose four weeks after are over
-- key: module, metric
-- signal: which modules change something, and which only take time
-- owner: sales enablement
-- not_null: module, metric, completions, people, verdict, why
-- checks: interval: low is null or (low <= change and change <= high)
--    verdicts: verdict in ('better', 'worse', 'cannot be told', 'too few to say')
-- gaming: modules given to those who were rising anyway; the change of the others in the same weeks is taken off
-- changed: 2026-12-01 first version
select
    intervention_effects.topic as module, -- of the learning system, as the plan names it
    intervention_effects.metric, -- that it was to better
    intervention_effects.interventions as completions, -- that have a value on both sides
    intervention_effects.people, -- who were trained
    intervention_effects.before, -- the mean of the four weeks before; of a sum a working day
    intervention_effects.after, -- the mean of the four weeks after
    intervention_effects.others_change, -- what the same weeks changed for others in the role; null: there is nobody to compare with
    intervention_effects.change, -- after less before, less the others' change; the mean of people
    intervention_effects.low, -- of the 95 % interval; null: fewer than five people
    intervention_effects.high, -- likewise
    intervention_effects.verdict, -- better, worse, cannot be told (the interval has 0 in it) or too few to say
    cast(intervention_effects.people as string) || ' people, ' || cast(intervention_effects.interventions as string) || ' times: ' || intervention_effects.sentence as why -- in a sentence
from programme.intervention_effects
where intervention_effects.kind = 'training'
