-- What PostGraphile lacks for the page: figures and last sales of a partner, as computed columns.
CREATE FUNCTION public.partners_stats(partner public.partners, since date, until date)
RETURNS TABLE (currency text, sales bigint, revenue numeric, rewards numeric)
LANGUAGE sql STABLE AS $$
    SELECT d.currency, sum(d.sales)::bigint, sum(d.revenue), sum(d.rewards) FROM (
        SELECT currency, sales, revenue, rewards FROM public.partner_days
        WHERE account_id = partner.account_id AND partner_id = partner.id AND day >= since AND day < until
        UNION ALL SELECT currency, sales, revenue, rewards FROM public.stat_deltas
        WHERE account_id = partner.account_id AND partner_id = partner.id AND day >= since AND day < until
    ) d GROUP BY d.currency
$$;
CREATE FUNCTION public.partners_last_sales(partner public.partners, most integer)
RETURNS SETOF public.transactions
LANGUAGE sql STABLE AS $$
    SELECT t.* FROM public.evaluations e
    JOIN public.transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id
    WHERE e.account_id = partner.account_id AND e.partner_id = partner.id ORDER BY e.transaction_id DESC LIMIT most
$$;
