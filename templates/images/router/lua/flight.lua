-- Requests in flight by release. Each worker counts its own and shows them together with the table version it serves:
-- counts shown with a version are complete, since that worker picks from no older table any more. A worker that is
-- killed and started again shows its own fresh counts, so nothing leaks.
local cjson = require("cjson.safe")

local dict = ngx.shared.workers
local flight = {}
-- By target: how many, and the release as the table had it when the last of them was picked.
local entries = {}
local changed = true
local shown

function flight.enter(release)
  local target = release.target
  local entry = entries[target]
  if entry then
    entry.count = entry.count + 1
    entry.release = release
  else
    entries[target] = { count = 1, release = release }
  end
  changed = true
end

function flight.leave(target)
  local entry = entries[target]
  if not entry then return end
  entry.count = entry.count - 1
  changed = true
end

-- The release of a request under way; it outlives the table that had it.
function flight.release(target)
  return entries[target].release
end

local function counts()
  local result = {}
  for target, entry in pairs(entries) do
    if entry.count > 0 then result[entry.release.id] = entry.count else entries[target] = nil end
  end
  return result
end

function flight.publish(version)
  if not changed and shown == version then return end
  changed, shown = false, version
  dict:set(ngx.worker.id(), cjson.encode({ applied = version, counts = counts() }))
end

-- The version that all workers serve (the oldest of them while they differ) and the sums of their counts.
function flight.report()
  local applied, sums = math.huge, {}
  for id = 0, ngx.worker.count() - 1 do
    local worker = cjson.decode(dict:get(id) or "") or { applied = 0, counts = {} }
    applied = math.min(applied, worker.applied)
    for release, count in pairs(worker.counts) do sums[release] = (sums[release] or 0) + count end
  end
  return applied, sums
end

return flight
