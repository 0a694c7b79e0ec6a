-- sources: the sources of merit.yml in the order in which it names them
-- key: source
create table plan.sources (
    source varchar not null, -- the source's name in merit.yml
    place bigint not null, -- 1 is named first: of a deal that two of them hold, that one's counts
    address varchar -- where its records' pages are, without a / at the end; null: merit.yml says none
);
