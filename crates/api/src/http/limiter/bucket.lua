-- KEYS[1] the bucket; ARGV: capacity, points per second, cost. Answers {accepted, level}.
local capacity, rate, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(bucket[1]) or 0, tonumber(bucket[2]) or now
level = math.max(0, level - math.max(0, now - at) * rate / 1000)
if level + cost > capacity then
  return {0, tostring(level)}
end
level = math.max(0, level + cost) -- a negative cost gives back
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], math.ceil(level / rate * 1000) + 1000)
return {1, tostring(level)}
