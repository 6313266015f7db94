#include "persistence/redis/scripts.hpp"

namespace holdfast::persistence::redis {

namespace {

// Times are numbers: milliseconds stay exact in Lua's doubles, and so do sequence numbers, epochs
// and sessions, which count from 1. Versions are compared as bytes.

/// KEYS own. ARGV node, incarnation, duration, session. The session is never lowered: who asks with
/// an older one has another connection by now and doesn't listen any more.
constexpr std::string_view acquire_text = R"lua(
local c = redis.call('HMGET', KEYS[1], 'node', 'inc', 'epoch', 'until', 'session', 'time')
local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(c[6] or '0'))
local ends = tonumber(c[4] or '0')
local is_live = ends > now
local is_ours = c[1] == ARGV[1] and c[2] == ARGV[2]
if c[2] == ARGV[2] and tonumber(c[5]) > tonumber(ARGV[4]) then return {2, now} end
if is_live and not is_ours then return {1, now, c[1], ends - now} end
local epoch = c[3] or '0'
if not (is_live and is_ours) then epoch = string.format('%.0f', tonumber(epoch) + 1) end
redis.call('HSET', KEYS[1], 'node', ARGV[1], 'inc', ARGV[2], 'epoch', epoch,
  'until', string.format('%.0f', now + tonumber(ARGV[3])), 'session', ARGV[4],
  'time', string.format('%.0f', now))
return {0, now, epoch}
)lua";

/// KEYS own. ARGV incarnation, epoch, session.
constexpr std::string_view release_text = R"lua(
local c = redis.call('HMGET', KEYS[1], 'inc', 'epoch', 'session', 'time', 'node', 'until')
local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(c[4] or '0'))
if c[1] == ARGV[1] and c[2] == ARGV[2] and c[3] == ARGV[3] then
  redis.call('HSET', KEYS[1], 'until', '0')
  return {0, now}
end
return {1, now, c[5] or '', math.max(0, tonumber(c[6] or '0') - now)}
)lua";

/// KEYS own. ARGV incarnation, epoch, session. A new connection takes over what the former one had:
/// from here on nothing that was sent over that one is done any more.
constexpr std::string_view adopt_text = R"lua(
local c = redis.call('HMGET', KEYS[1], 'inc', 'epoch', 'session')
if c[1] == ARGV[1] and c[2] == ARGV[2] and tonumber(ARGV[3]) > tonumber(c[3]) then
  redis.call('HSET', KEYS[1], 'session', ARGV[3])
end
return 0
)lua";

/// KEYS own, log, due, keys, then each change's record. ARGV incarnation, epoch, not before, not
/// after, changes, events, then for each change: the bytes of the expected version (empty: no
/// record), the record's value (empty: removed), due (empty: never), its name in the sorted sets;
/// last the session.
constexpr std::string_view commit_text = R"lua(
local c = redis.call('HMGET', KEYS[1], 'inc', 'epoch', 'session', 'time', 'seq')
if c[1] ~= ARGV[1] or c[2] ~= ARGV[2] or c[3] ~= ARGV[#ARGV] then return {1} end
local t = redis.call('TIME')
local now = math.max(t[1] * 1000 + math.floor(t[2] / 1000), tonumber(c[4] or '0'))
local not_before = tonumber(ARGV[3])
local not_after = tonumber(ARGV[4])
if not_before ~= 0 and now < not_before then return {2, now} end
if not_after ~= 0 and now >= not_after then return {3, now} end
local count = #KEYS - 4
local heads = {}
local seen = {}
for i = 1, count do
  local head = redis.call('GETRANGE', KEYS[4 + i], 0, 15)
  if string.sub(head, 1, 8) ~= ARGV[3 + 4 * i] or seen[KEYS[4 + i]] then return {4, now, i} end
  seen[KEYS[4 + i]] = true
  heads[i] = string.sub(head, 9, 16)
end
if count == 0 then return {0, now, c[5] or '0'} end
local never = '\0\0\0\0\0\0\0\0'
for i = 1, count do
  local key, at = KEYS[4 + i], 3 + 4 * i
  local value, due, member = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if value ~= '' then redis.call('SET', key, value) else redis.call('DEL', key) end
  if value == '' then
    redis.call('ZREM', KEYS[4], member)
  elseif ARGV[at] == '' then
    redis.call('ZADD', KEYS[4], 0, member)
  end
  if due ~= '' and value ~= '' then
    if string.sub(value, 9, 16) ~= heads[i] then redis.call('ZADD', KEYS[3], due, member) end
  elseif heads[i] ~= '' and heads[i] ~= never then
    redis.call('ZREM', KEYS[3], member)
  end
end
local sequence = string.format('%.0f', tonumber(c[5] or '0') + 1)
local time = string.format('%.0f', now)
redis.call('XADD', KEYS[2], sequence .. '-0', 't', time, 'c', ARGV[5], 'e', ARGV[6],
  'epoch', ARGV[2])
redis.call('HSET', KEYS[1], 'seq', sequence, 'time', time)
return {0, now, sequence}
)lua";

/// KEYS own, log. ARGV the time before which entries are dropped, the last entry that may be, how
/// many at most. Times grow with the sequence, so the border is found by halving.
constexpr std::string_view trim_text = R"lua(
local c = redis.call('HMGET', KEYS[1], 'seq', 'trim')
local low = tonumber(c[2] or '0')
local first = low
local high = math.min(tonumber(c[1] or '0'), tonumber(ARGV[2]))
local before = tonumber(ARGV[1])
while low < high do
  local middle = math.floor((low + high + 1) / 2)
  local id = string.format('%.0f-0', middle)
  local found = redis.call('XRANGE', KEYS[2], id, id)
  if #found == 0 or tonumber(found[1][2][2]) < before then low = middle else high = middle - 1 end
end
local target = math.min(low, first + tonumber(ARGV[3]))
if target > first then
  local text = string.format('%.0f', target)
  redis.call('HSET', KEYS[1], 'trim', text)
  redis.call('XTRIM', KEYS[2], 'MINID', string.format('%.0f-0', target + 1))
end
return {string.format('%.0f', math.max(first, target)), target < low and 1 or 0}
)lua";

/// KEYS nodes. ARGV name, incarnation, duration, what it says. A value is 16 bytes of incarnation,
/// 16 digits that say until when, then what the node says.
constexpr std::string_view announce_text = R"lua(
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local living = {}
for i = 1, #all, 2 do
  local ends = tonumber(string.sub(all[i + 1], 17, 32))
  if ends and ends > now then
    living[all[i]] = all[i + 1]
  else
    redis.call('HDEL', KEYS[1], all[i])
  end
end
local holder = living[ARGV[1]]
local is_taken = holder and string.sub(holder, 1, 16) ~= ARGV[2]
if not is_taken then
  if tonumber(ARGV[3]) > 0 then
    local value = ARGV[2] .. string.format('%016.0f', now + tonumber(ARGV[3])) .. ARGV[4]
    redis.call('HSET', KEYS[1], ARGV[1], value)
    living[ARGV[1]] = value
  else
    redis.call('HDEL', KEYS[1], ARGV[1])
    living[ARGV[1]] = nil
  end
end
local result = {is_taken and 1 or 0, now}
for name, value in pairs(living) do
  result[#result + 1] = name
  result[#result + 1] = value
end
return result
)lua";

constexpr std::array<std::string_view, script_count> texts = {
    acquire_text, release_text, adopt_text, commit_text, trim_text, announce_text};

} // namespace

std::string_view text_of(script x) noexcept {
  return texts[static_cast<std::size_t>(x)];
}

} // namespace holdfast::persistence::redis
