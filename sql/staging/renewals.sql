-- renewals: contracts that fall due, and what became of them
-- key: source, renewal_id
create table staging.renewals (
    source varchar not null, -- the source's name in merit.yml
    renewal_id varchar not null, -- the CRM's id of the contract, or of the deal that it was sold by, with the due day
    account_id varchar not null, -- the customer
    deal_id varchar, -- the deal that sold the contract that ends
    renewal_deal_id varchar, -- the deal by which it is renewed; null: none yet
    owner_id varchar, -- user_id of whose customer it is
    term_starts_on date, -- first day of the contract that ends
    due_on date not null, -- its last day: the renewal falls due in the period of this day
    due_amount numeric(38, 9), -- that would be paid again; null is unknown, not 0
    renewed_amount numeric(38, 9), -- that is paid again, upsell included: models count no more than due_amount; null: not decided
    currency varchar, -- ISO 4217; null: the company's currency
    outcome varchar not null, -- renewed, lost or open; renewed in part is renewed
    decided_at timestamp with time zone, -- when it was renewed or lost; null when open
    is_deleted boolean not null -- true: deleted or archived
);
