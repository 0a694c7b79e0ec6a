-- contract_values: what each contract that ends, and the one that renews it, are worth a year
-- grain: one row a contract
-- key: source, renewal_id
-- signal: contracts of any length side by side
-- owner: customer success
-- not_null: source, renewal_id
-- gaming: a renewal for three years at the price of one; a year of each is compared
-- changed: 2026-12-01 first version; four models computed it before
select
    renewals.source, -- the source's name in merit.yml
    renewals.renewal_id, -- the CRM's id of the contract
    fn.yearly(renewals.due_amount, renewals.term_starts_on, renewals.due_on) as due_yearly, -- of what would be paid again; null: no amount, or a term that nobody says
    coalesce(
        fn.yearly(renewals.renewed_amount, renewals.renewed_starts_on, renewals.renewed_ends_on),
        fn.yearly(renewals.renewed_amount, renewals.term_starts_on, renewals.due_on)
    ) as renewed_yearly -- of what is paid again; a renewal whose term nobody says is for as long as the contract was
from core.renewals
