-- What PostGraphile serves: the same figures by functions in SQL, as its documents advise for what tables do not say.
CREATE SCHEMA peer;
CREATE FUNCTION peer.totals(account uuid, since date, until date)
RETURNS TABLE (currency text, signups bigint, paying_customers bigint, sales bigint, revenue numeric, rewards numeric)
LANGUAGE sql STABLE AS $$
    SELECT d.currency, sum(d.signups)::bigint, sum(d.paying_customers)::bigint, sum(d.sales)::bigint, sum(d.revenue),
        sum(d.rewards)
    FROM public.program_days d WHERE d.account_id = account AND d.program_id IN (SELECT p.id FROM public.programs p WHERE p.account_id = account)
    AND d.day >= since AND d.day < until GROUP BY d.currency
$$;
CREATE FUNCTION peer.series(account uuid, since date, until date)
RETURNS TABLE (day date, currency text, sales bigint, revenue numeric, rewards numeric)
LANGUAGE sql STABLE AS $$
    SELECT d.day, d.currency, sum(d.sales)::bigint, sum(d.revenue), sum(d.rewards)
    FROM public.program_days d WHERE d.account_id = account AND d.program_id IN (SELECT p.id FROM public.programs p WHERE p.account_id = account)
    AND d.day >= since AND d.day < until GROUP BY d.day, d.currency ORDER BY d.day
$$;
CREATE FUNCTION peer.top_partners(account uuid, since date, until date, most integer)
RETURNS TABLE (name text, sales bigint, revenue numeric)
LANGUAGE sql STABLE AS $$
    SELECT f.name, best.sales, best.revenue
    FROM (
        SELECT d.partner_id, sum(d.sales)::bigint AS sales, sum(d.revenue) AS revenue
        FROM public.partner_days d WHERE d.account_id = account
        AND d.program_id IN (SELECT p.id FROM public.programs p WHERE p.account_id = account)
        AND d.day >= since AND d.day < until GROUP BY d.partner_id ORDER BY 3 DESC LIMIT most
    ) best
    JOIN public.partners p ON p.account_id = account AND p.id = best.partner_id
    JOIN public.partner_profiles f ON f.account_id = p.account_id AND f.id = p.profile_id
    ORDER BY best.revenue DESC
$$;
