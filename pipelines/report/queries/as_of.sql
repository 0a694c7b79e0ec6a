select as_of.as_of_at from plan.as_of
