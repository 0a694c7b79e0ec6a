-- The functions that models may use, in DuckDB's dialect. Another dialect's file
-- declares the same names with the same meaning, and nothing else differs.
--
-- When a build begins, each of the four subqueries on plan.as_of is replaced by
-- the value it gives: a constant may stand where no engine allows a subquery, in
-- the condition of an outer join.
create schema if not exists fn;

-- as_of(): the instant that this build speaks of; nothing later counts
create or replace macro fn.as_of() as (select as_of_at from plan.as_of);

-- today(): its calendar date in the reporting zone
create or replace macro fn.today() as (select today_on from plan.as_of);

-- zone(): the reporting zone, an IANA name
create or replace macro fn.zone() as (select time_zone from plan.as_of);

-- currency(): the company's currency, ISO 4217
create or replace macro fn.currency() as (select currency from plan.as_of);

-- day(t): the calendar date of an instant in the reporting zone
create or replace macro fn.day(t) as cast(timezone(fn.zone(), t) as date);

-- day_in(t, zone): the calendar date of an instant in a zone by its IANA name
create or replace macro fn.day_in(t, zone) as cast(timezone(zone, t) as date);

-- month(t): the first day of an instant's month in the reporting zone
create or replace macro fn.month(t) as cast(date_trunc('month', timezone(fn.zone(), t)) as date);

-- midnight_in(d, zone): the first instant of a date in a zone by its IANA name; where the clock
-- shows midnight twice, the first of them: zones turn their clocks back by 1, 2 or 3 hours
create or replace macro fn.midnight_in(d, zone) as
    case
        when timezone(zone, timezone(zone, cast(d as timestamp)) - interval 1 hour) = cast(d as timestamp)
            then timezone(zone, cast(d as timestamp)) - interval 1 hour
        when timezone(zone, timezone(zone, cast(d as timestamp)) - interval 2 hour) = cast(d as timestamp)
            then timezone(zone, cast(d as timestamp)) - interval 2 hour
        when timezone(zone, timezone(zone, cast(d as timestamp)) - interval 3 hour) = cast(d as timestamp)
            then timezone(zone, cast(d as timestamp)) - interval 3 hour
        else timezone(zone, cast(d as timestamp))
    end;

-- midnight(d): the first instant of a date in the reporting zone
create or replace macro fn.midnight(d) as fn.midnight_in(d, fn.zone());

-- weekday(d): 1 for Monday to 7 for Sunday, of a date
create or replace macro fn.weekday(d) as isodow(d);

-- micros(a, b): microseconds from one instant to another, bigint
create or replace macro fn.micros(a, b) as
    epoch_us(cast(b as timestamp with time zone)) - epoch_us(cast(a as timestamp with time zone));

-- parts(a, b, size): what days and minutes are made of: millionths of size
-- seconds from one instant to another, rounded half away from zero
create or replace macro fn.parts(a, b, size) as
    cast(sign(fn.micros(a, b)) * ((abs(fn.micros(a, b)) + size // 2) // size) as numeric(18, 0))
    * cast(0.000001 as numeric(6, 6));

-- days(a, b): days from one instant to another, exact to six digits, numeric(18, 6)
create or replace macro fn.days(a, b) as cast(fn.parts(a, b, 86400) as numeric(18, 6));

-- minutes(a, b): minutes from one instant to another, exact to six digits, numeric(18, 6)
create or replace macro fn.minutes(a, b) as cast(fn.parts(a, b, 60) as numeric(18, 6));

-- whole_days(a, b): days from one date to another, bigint
create or replace macro fn.whole_days(a, b) as cast(cast(b as date) - cast(a as date) as bigint);

-- add_days(t, n): the instant n times 24 hours later; n whole, negative is earlier; null when no calendar has it
create or replace macro fn.add_days(t, n) as t + to_hours(try_cast(24 * n as integer));

-- add_minutes(t, n): the instant n minutes later; n whole, negative is earlier; null when no calendar has it
create or replace macro fn.add_minutes(t, n) as t + to_minutes(try_cast(n as integer));

-- just_before(t): the millisecond before an instant, the latest that a CRM can name before it
create or replace macro fn.just_before(t) as t - interval 1 millisecond;

-- date_after(d, n): the date n days later; n whole, negative is earlier; null when no calendar has it
create or replace macro fn.date_after(d, n) as cast(d as date) + case when abs(n) < 1000000 then cast(n as integer) end;

-- ratio(a, b): a divided by b as a double; null when b is 0 or either is null
create or replace macro fn.ratio(a, b) as
    case when b = 0 then null else cast(a as double) / cast(b as double) end;

-- larger(a, b): the larger of two; null when either is null, as greatest is not everywhere
create or replace macro fn.larger(a, b) as
    case when a is null or b is null then null when a >= b then a else b end;

-- smaller(a, b): the smaller of two; null when either is null
create or replace macro fn.smaller(a, b) as
    case when a is null or b is null then null when a <= b then a else b end;

-- number(x): a number as numeric(38, 9), rounded half away from zero. What is 10^15 or
-- more either way is 10^15, which staging sets aside by name; arithmetic on it is safe
create or replace macro fn.number(x) as case
    when x >= 1000000000000000 then cast(1000000000000000 as numeric(38, 9))
    when x <= -1000000000000000 then cast(-1000000000000000 as numeric(38, 9))
    else try_cast(x as numeric(38, 9))
end;

-- cents(x): an amount rounded to two digits, half away from zero, numeric(38, 2); null when none holds it
create or replace macro fn.cents(x) as try_cast(round(try_cast(x as numeric(38, 9)), 2) as numeric(38, 2));

-- times(a, b): the product, numeric(38, 9), rounded half away from zero; null when none
-- holds it. No window function stands in it, nor in prorate
create or replace macro fn.times(a, b) as try(cast(cast(a as numeric(38, 9)) * cast(b as numeric(38, 9)) as numeric(38, 9)));

-- units(a): the billionths that an amount has, for exact division
create or replace macro fn.units(a) as cast(cast(a as numeric(38, 9)) * 1000000000 as hugeint);

-- prorate(a, b, c): a × b ÷ c, exact and rounded once: six digits, half away from zero,
-- numeric(38, 6); null when c is 0 or no such number holds it
create or replace macro fn.prorate(a, b, c) as case when c <> 0 then try(
    cast(sign(a) * sign(b) * sign(c)
        * ((abs(fn.units(a) * fn.units(b)) + abs(fn.units(c)) * 500) // (abs(fn.units(c)) * 1000)) as numeric(38, 0))
    * cast(0.000001 as numeric(6, 6))
) end;

-- month_after(d, n): the date n months later, the month's last day where it has no such day
create or replace macro fn.month_after(d, n) as cast(cast(d as date) + to_months(cast(n as integer)) as date);

-- whole_months(a, b): how many whole months there are from one date to a later one, bigint
create or replace macro fn.whole_months(a, b) as
    12 * (year(b) - year(a)) + month(b) - month(a)
    - case when fn.month_after(a, 12 * (year(b) - year(a)) + month(b) - month(a)) > b then 1 else 0 end;

-- month_days(a, n): days of the month that begins n months after a date
create or replace macro fn.month_days(a, n) as fn.whole_days(fn.month_after(a, n), fn.month_after(a, n + 1));

-- term_year(amount, from_on, until_on): what an amount for the months from one date to the day before another is a
-- year: whole months count as months, what is left over as days of its own month. A list of
-- one names a value that is used often: a macro's arguments are planned wherever they stand
create or replace macro fn.term_year(amount, from_on, until_on) as list_transform([fn.whole_months(from_on, until_on)], lambda m:
    list_transform([{'days': fn.month_days(from_on, m), 'over': fn.whole_days(fn.month_after(from_on, m), until_on)}], lambda t:
        fn.prorate(amount, 12 * t.days, m * t.days + t.over)
    )[1]
)[1];

-- yearly(amount, first, last): an amount for the term of these days a year, numeric(38, 6),
-- null when there is no such term
create or replace macro fn.yearly(amount, first_on, last_on) as
    case when last_on >= first_on then fn.term_year(amount, first_on, fn.date_after(last_on, 1)) end;

-- as_number(s): the number that a text holds, numeric(38, 9); null when it holds none
create or replace macro fn.as_number(s) as
    -- What has at most nine digits before the point is read a hundred times faster.
    coalesce(cast(try_cast(s as numeric(18, 9)) as numeric(38, 9)), try_cast(s as numeric(38, 9)));

-- digits(n, places): a decimal's text with 1, 2 or 4 digits after the point, zeros
-- too, which a cast to text keeps or not as the engine likes
create or replace macro fn.digits(n, places) as case places
    when 1 then cast(cast(n as numeric(38, 1)) as varchar)
    when 2 then cast(cast(n as numeric(38, 2)) as varchar)
    when 4 then cast(cast(n as numeric(38, 4)) as varchar)
end;

-- word(s): a name as it is compared: a CRM writes existingbusiness where its pages
-- say Existing Business, so case, blanks, hyphens and underscores do not matter
create or replace macro fn.word(s) as replace(replace(replace(lower(s), ' ', ''), '-', ''), '_', '');

-- as_date(s): the date that a text holds as YYYY-MM-DD; null when it holds none
create or replace macro fn.as_date(s) as try_cast(s as date);

-- as_instant(s): the instant that a text holds, with its offset; null when it holds none
create or replace macro fn.as_instant(s) as try_cast(s as timestamp with time zone);

-- upper_tail(z): normal_tail of a z that is not negative
create or replace macro fn.upper_tail(z) as
    case
        when cast(z as double) < 7.07106781186547 then
            exp(-cast(z as double) * z / 2)
            * ((((((3.52624965998911e-02 * z + 0.700383064443688) * z + 6.37396220353165) * z + 33.912866078383) * z
                + 112.079291497871) * z + 221.213596169931) * z + 220.206867912376)
            / (((((((8.83883476483184e-02 * z + 1.75566716318264) * z + 16.064177579207) * z + 86.7807322029461) * z
                + 296.564248779674) * z + 637.333633378831) * z + 793.826512519948) * z + 440.413735824752)
        else
            exp(-cast(z as double) * z / 2)
            / (z + 1 / (z + 2 / (z + 3 / (z + 4 / (z + 0.65)))))
            / 2.506628274631
    end;

-- normal_tail(z): the chance that a standard normal value is at least z, double; relative error below 1e-12
-- (the rational fit of J. F. Hart's Computer Approximations, algorithm 5666, as G. West gives it in
-- Better Approximations to Cumulative Normal Functions, 2005)
create or replace macro fn.normal_tail(z) as
    case when z < 0 then 1 - fn.upper_tail(-z) else fn.upper_tail(z) end;

-- wilson_low(k, n): lower bound of the 95 % Wilson interval of k out of n, double; null when n is 0
create or replace macro fn.wilson_low(k, n) as
    case
        when n = 0 then null
        when k = 0 then cast(0 as double)
        else (cast(k as double) + 1.9207294103470885 - 1.959963984540054 * sqrt(cast(k as double) * (n - k) / n + 0.9603647051735443))
            / (n + 3.841458820694177)
    end;

-- wilson_low_99(k, n): lower bound of the 99 % Wilson interval, where many people are looked at together
create or replace macro fn.wilson_low_99(k, n) as
    case
        when n = 0 then null
        when k = 0 then cast(0 as double)
        else (cast(k as double) + 3.3174483005106065 - 2.5758293035489004 * sqrt(cast(k as double) * (n - k) / n + 1.6587241502553033))
            / (n + 6.634896601021213)
    end;

-- wilson_high(k, n): its upper bound
create or replace macro fn.wilson_high(k, n) as
    case
        when n = 0 then null
        when k = n then cast(1 as double)
        else (cast(k as double) + 1.9207294103470885 + 1.959963984540054 * sqrt(cast(k as double) * (n - k) / n + 0.9603647051735443))
            / (n + 3.841458820694177)
    end;

-- anscombe(k, usual): how many standard deviations a count lies above the usual one, if counts were Poisson;
-- divide by the square root of the dispersion where that is known
create or replace macro fn.anscombe(k, usual) as
    2 * (sqrt(cast(k as double) + 0.375) - sqrt(cast(usual as double) + 0.375));

-- short_hash(s): ten hexadecimal digits that follow from a text, for ids
create or replace macro fn.short_hash(s) as substr(md5(s), 1, 10);

-- hour(t): the hour of the day of an instant in the reporting zone, 0 to 23
create or replace macro fn.hour(t) as cast(extract(hour from timezone(fn.zone(), t)) as bigint);

-- addend(x): a double as a decimal of millionths, for sums that come out the same in whatever order rows
-- are added; fn.total gives the sum back
create or replace macro fn.addend(x) as cast(cast(x as double) * 1000000 as numeric(38, 9));

-- total(s): the double that a sum of addends stands for; null when there was nothing to add
create or replace macro fn.total(s) as cast(s as double) / 1000000;

-- newcombe_low(k, n, j, m): lower bound of the 95 % interval of k of n less j of m, by Newcombe's hybrid
-- score method (1998, method 10), double; null when n or m is 0
create or replace macro fn.newcombe_low(k, n, j, m) as
    case
        when n = 0 or m = 0 then null
        else cast(k as double) / n - cast(j as double) / m
            - sqrt((cast(k as double) / n - fn.wilson_low(k, n)) * (cast(k as double) / n - fn.wilson_low(k, n)) + (cast(j as double) / m - fn.wilson_high(j, m)) * (cast(j as double) / m - fn.wilson_high(j, m)))
    end;

-- newcombe_high(k, n, j, m): its upper bound
create or replace macro fn.newcombe_high(k, n, j, m) as
    case
        when n = 0 or m = 0 then null
        else cast(k as double) / n - cast(j as double) / m
            + sqrt((cast(k as double) / n - fn.wilson_high(k, n)) * (cast(k as double) / n - fn.wilson_high(k, n)) + (cast(j as double) / m - fn.wilson_low(j, m)) * (cast(j as double) / m - fn.wilson_low(j, m)))
    end;

-- correlation_low(r, n): lower bound of the 95 % interval of a rank correlation over n people, by Fisher's
-- transformation with the variance of Bonett and Wright (2000), double; null below 4 people or without r
create or replace macro fn.correlation_low(r, n) as
    case
        when n < 4 or r is null then null
        when r >= 1 then cast(1 as double)
        when r <= -1 then cast(-1 as double)
        else 1 - 2 / (1 + exp(ln((1 + cast(r as double)) / (1 - cast(r as double))) - 2 * 1.959963984540054 * sqrt((1 + cast(r as double) * r / 2) / (n - 3))))
    end;

-- correlation_high(r, n): its upper bound
create or replace macro fn.correlation_high(r, n) as
    case
        when n < 4 or r is null then null
        when r >= 1 then cast(1 as double)
        when r <= -1 then cast(-1 as double)
        else 1 - 2 / (1 + exp(ln((1 + cast(r as double)) / (1 - cast(r as double))) + 2 * 1.959963984540054 * sqrt((1 + cast(r as double) * r / 2) / (n - 3))))
    end;

-- t_log(x): the logarithm of t_975 by x = 1 ÷ df
create or replace macro fn.t_log(x) as
    ((((((((((((((((((-0.1923614882273027) * x + 1.8681561402787774) * x - 8.38008224941842) * x + 23.022215549682866) * x
        - 43.274105605940164) * x + 58.80118668978232) * x - 59.313401846869276) * x + 44.623961416958274) * x -
        24.511178604886073) * x + 9.188256585480383) * x - 1.9082017205072335) * x - 0.07493264310136923) * x +
        0.2810380721992887) * x - 0.10040301150111189) * x - 0.23099264163881827) * x + 0.15205944163171226) * x +
        0.7075855502913339) * x + 1.2103647040036847) * x + 0.6729260978405674;

-- t_975(df): what a value of Student's t with df degrees of freedom exceeds in 2.5 % of cases, double;
-- a polynomial in 1 ÷ df fitted at 50 digits, relative error below 1e-11 from df = 1 on; null below
create or replace macro fn.t_975(df) as case when df >= 1 then exp(fn.t_log(1 / cast(df as double))) end;

-- t_scaled(t, df): the logarithm by which t_tail begins
create or replace macro fn.t_scaled(t, df) as sqrt((df - 0.5) * ln(1 + cast(t as double) * t / df));

-- t_shifted(z, b): its series (G. W. Hill, algorithm 395 of the ACM, 1970)
create or replace macro fn.t_shifted(z, b) as
    z + (z * z * z + 3 * z) / b
    - (4 * pow(z, 7) + 33 * pow(z, 5) + 240 * z * z * z + 855 * z) / (10 * b * (b + 0.8 * pow(z, 4) + 100));

-- t_tails(t, df): the chance that Student's t with df degrees of freedom lies at least as far from 0 as t,
-- double; error below 1e-6 from df = 8 on, below 3e-5 from df = 3 on
create or replace macro fn.t_tails(t, df) as
    case when df >= 1 then 2 * fn.upper_tail(fn.t_shifted(fn.t_scaled(t, df), 48 * (df - 0.5) * (df - 0.5))) end;
