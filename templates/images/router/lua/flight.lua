-- Requests in flight by release. Each worker counts its own and publishes them with the table version that it serves.
-- Counts published with a version are complete, because that worker no longer uses older tables. A worker that was killed
-- restarts with fresh counts, so nothing leaks.
local cjson = require("cjson.safe")

local dict = ngx.shared.workers
local flight = {}
-- By request; and the releases with requests in flight, of this table or an older one.
local under_way = {}
local busy = {}
local changed = true
local shown

function flight.begin(request, release)
  under_way[request] = release
  release.count = release.count + 1
  busy[release] = true
  changed = true
end

-- The release that handles a request; nil before `begin`.
function flight.of(request)
  return under_way[request]
end

function flight.finish(request)
  local release = under_way[request]
  if not release then return end
  under_way[request] = nil
  release.count = release.count - 1
  changed = true
end

local function counts()
  local sums = {}
  for release in pairs(busy) do
    if release.count > 0 then sums[release.id] = (sums[release.id] or 0) + release.count else busy[release] = nil end
  end
  return sums
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
